"""Market data: providers fetch, the store keeps, `Market` reads.

Here live the records of what has a price (`records`), the sources (`providers`, `csv_folder` with the reader of
`files`, `sample`, `yahoo`, `fred`), the store, refresh, the sessions of exchanges, and the read side that everything
above uses. Nothing here knows theses, notes or Markdown. `yfinance` is imported in `yahoo` alone, the calendar library
in `sessions` alone, both where they are used; pandas in `yahoo_answers` alone.
"""
