"""Programs that read returned mails. Each takes names of files on standard input, one a line, and answers with JSON lines:
`{"kind", "recipients": {address: hard | soft | unknown}, "seconds"}` for each file, then `{"rss_mb"}`."""
