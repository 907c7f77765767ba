"""The macro series of FRED, by its CSV download, which needs no key."""

from __future__ import annotations

import datetime as dt
import http.client
import urllib.error
import urllib.parse
import urllib.request

from generator.market.csv_folder import Table, parse_values
from generator.market.providers import Bars, NothingNew, ProviderFault, RateLimited, UnknownSymbol, day_number
from generator.market.records import Basis, Instrument

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
_LARGEST = 50_000_000


class Fred:
    """A provider of macro values from FRED.

    Args:
        address: Where the CSV download is.
        timeout: Seconds to wait for an answer.
    """

    name = "fred"
    remote = True
    label = "fred"
    basis: Basis = "value"

    def __init__(self, address: str = ADDRESS, timeout: float = 30.0) -> None:
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"{address} is no web address")
        self._address, self._timeout = address, timeout

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the observations from `start` to `end`, both included.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        series = instrument.symbol(self.name)
        asked = {"id": series, "coed": end.isoformat()} | ({"cosd": start.isoformat()} if start else {})
        text = self._download(f"{self._address}?{urllib.parse.urlencode(asked)}", series)
        table = Table.of(text, f"FRED's answer for {series}")
        kept = parse_values(table, series).between(None if start is None else day_number(start), day_number(end))
        if not kept.days:
            raise NothingNew(f"FRED has no observation of {series} from {start or 'the first day'} to {end}")
        return kept

    def _download(self, url: str, series: str) -> str:
        request = urllib.request.Request(url, headers={"User-Agent": "thesisvault", "Accept": "text/csv"})  # noqa: S310 - checked above
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310 - checked above
                body: bytes = answer.read(_LARGEST)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (400, 404):
                raise UnknownSymbol(f"FRED has no series {series}") from error
            if error.code in (403, 429):
                raise RateLimited(f"FRED refuses for now (status {error.code})") from error
            raise ProviderFault(f"FRED answered with status {error.code} for {series}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ProviderFault(f"FRED could not be reached for {series}: {reason}") from error
        return body.decode("utf-8", errors="replace")
