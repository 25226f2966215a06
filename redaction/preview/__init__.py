"""What a person watches while marking a recording: proxies, exact pictures, a drawn sound, a followed thing.

For eyes and ears inside the agency, never for release. :mod:`redaction.preview.calls` is for callers; the
other modules run in walled children.
"""
