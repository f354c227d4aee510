"""The demo: an invented annotation platform on this machine, and its projects in the record.

`redbrick` is the platform; `clock` is its time, which goes on while the demo runs; `platform` is the one that the demo
shows, connected here. People, sites and findings are invented.
"""
