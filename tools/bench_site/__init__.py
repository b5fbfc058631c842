"""The clinic with one page more: the peer that its pages are measured beside."""
