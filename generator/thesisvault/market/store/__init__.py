"""The market store: one SQLite file with packed series, corrections, quarantine and an audit."""
