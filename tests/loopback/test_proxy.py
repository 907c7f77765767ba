"""The way to the imitation: real TLS, and no way past it."""

import http.client
import ssl
import urllib.error
import urllib.request

import pytest

from tests.loopback.proxy import Answer, running


@pytest.fixture
def own(tmp_path):
    """A proxy of this test alone."""
    with running(tmp_path, lambda asked: Answer(body=f"{asked.host} {asked.path}".encode())) as listening:
        yield listening


def opened(own, url, context):
    handlers = (urllib.request.ProxyHandler({"https": own.address, "http": own.address}),)
    opener = urllib.request.build_opener(*handlers, urllib.request.HTTPSHandler(context=context))
    with opener.open(url, timeout=60) as answer:
        return answer.read().decode()


def test_a_client_that_trusts_its_certificate_reaches_the_imitation(own):
    trusting = ssl.create_default_context(cafile=str(own.certificate))
    assert opened(own, "https://query1.finance.yahoo.com/a", trusting) == "query1.finance.yahoo.com /a"
    assert opened(own, "https://fred.stlouisfed.org/b", trusting) == "fred.stlouisfed.org /b"
    assert own.foreign == []


def test_a_client_that_does_not_is_not_deceived(own):
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        opened(own, "https://fred.stlouisfed.org/b", ssl.create_default_context())


@pytest.mark.parametrize("url", ["https://example.com/x", "http://example.com/x", "https://yahoo.com:8443/"])
def test_every_other_host_is_refused_and_remembered(own, url):
    with pytest.raises((OSError, http.client.HTTPException), match="502"):
        opened(own, url, ssl.create_default_context(cafile=str(own.certificate)))
    assert len(own.foreign) == 1
