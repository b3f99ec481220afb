"""QR codes as SVG that a page can embed as it is."""

import io

import segno


def qr_svg(text: str) -> str:
    """An SVG picture with a white ground, so that it also scans in a dark page."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, title="QR")
    return out.getvalue().decode()
