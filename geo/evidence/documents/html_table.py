"""The sheet every page of a bundle is written on: self-contained, strict, plain."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from geo.evidence.documents.front_words import FRONT, LANGUAGES
from geo.evidence.tables.findings import Findings
from geo.inference.registered.phrases import Language
from geo.records import rounded_class

CSS = """\
:root{--ink:#1b1f23;--soft:#525a61;--line:#d5d9dc;--paper:#fff;--tint:#f4f6f7;--link:#00558a;
--warn-ink:#7a2b00;--warn:#fdeee4;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaec;--soft:#a9b1b8;--line:#3b444b;--paper:#14181b;
--tint:#1d2327;--link:#7cc4f5;--warn-ink:#ffd1b0;--warn:#3a2414}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:1rem/1.6 Georgia,"Times New Roman",serif;
overflow-wrap:break-word}
main,header,footer{max-width:46rem;margin:0 auto;padding:0 1rem}
header{padding-top:2rem}
h1{font-size:clamp(1.5rem,5vw,2.2rem);line-height:1.2;margin:.2rem 0 .6rem}
h2{font-size:1.3rem;margin:2.4rem 0 .6rem;padding-top:.8rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.6rem 0 .4rem}
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.kicker,.meta,figcaption,caption,th,td,nav,footer,dt,.note{font-family:system-ui,-apple-system,
"Segoe UI",Roboto,sans-serif}
.kicker,.meta,.note,footer{color:var(--soft);font-size:.875rem}
.switch{float:right;margin:0 0 0 1rem}
.synthetic{background:var(--warn);color:var(--warn-ink);border:2px solid currentColor;
padding:.7rem 1rem;font-family:system-ui,sans-serif}
.finding{font-size:1.2rem;line-height:1.5;border-left:4px solid var(--link);
padding:.2rem 0 .2rem 1rem;
margin:1.2rem 0}
details{border-top:1px solid var(--line);margin-top:1.6rem}
summary{cursor:pointer}summary h2{display:inline;border:0;font-size:1.1rem}
summary:focus-visible{outline:3px solid var(--link)}
.lack{color:var(--warn-ink)}
.set-off{border-left:3px solid var(--link);padding-left:.9rem}
figure{margin:1.6rem 0}figure img,.poster img{max-width:100%;height:auto;background:#fff}
figcaption{font-size:.875rem;color:var(--soft);margin-top:.4rem}
.wide{overflow-x:auto;margin:1.6rem 0}.wide:focus-visible{outline:3px solid var(--link)}
table{border-collapse:collapse;width:100%;font-size:.84rem;line-height:1.4}
caption{text-align:left;padding-bottom:.5rem;color:var(--soft)}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid
var(--line);overflow-wrap:anywhere;min-width:4.5rem}
.equation{display:flex;align-items:center;justify-content:space-between;gap:1rem;overflow-x:auto}
.equation img{max-width:88%;height:auto;background:#fff}
dt{font-weight:600;margin-top:.8rem}dd{margin:.1rem 0 0}
ul{padding-left:1.2rem}
code{font-size:.85em;overflow-wrap:anywhere}
footer{border-top:1px solid var(--line);margin-top:3rem;padding-top:1rem;padding-bottom:3rem}
@media print{details::details-content{content-visibility:visible;height:auto}
body{font-size:10pt}.wide{overflow:visible}}
"""
_HASH = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
CONTACT = "https://github.com/funnel-effect/funnel-effect/issues/new"


def document(
    findings: Findings,
    title: str,
    body: str,
    home: str = "",
    language: Language = "en",
    others: Mapping[Language, str] | None = None,
) -> str:
    """Return a page: title, warning where records are made up, body, contact and licence.

    The page runs no script, loads nothing, and its policy forbids both.

    Parameters
    ----------
    findings, title, body, home
        What the page stands for, its title, its HTML, and the page to go back to.
    language
        Of the page.
    others
        The same page in other languages: language = its address.
    """
    study, say = findings.study, FRONT[language]
    said = say["made_up" if study.synthetic is not None else "made_up_on_real_land"]
    warning = f'<p class="synthetic" role="note">{said}</p>' if findings.synthetic else ""
    back = f'<p class="kicker"><a href="{escape(home)}">{say["back"]}</a></p>' if home else ""
    switch = "".join(
        f'<a href="{escape(address)}" hreflang="{other}" lang="{other}">{LANGUAGES[other]}</a>'
        for other, address in (others or {}).items()
    )
    switch = f'<p class="kicker switch">{switch}</p>' if switch else ""
    head = say["head"].format(
        study=escape(study.name), as_of=study.as_of.isoformat(),
        run=f"<code>{escape(findings.run_id)}</code>",
    )  # fmt: skip
    link = f'<a href="{CONTACT}">{say["write"]}</a>'
    asked = say["correction"].format(link=link, n=rounded_class(findings.withdrawn))
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{CSS}</style>
</head>
<body>
<header>{back}{switch}{warning}<h1>{escape(title)}</h1>
<p class="meta">{head}</p></header>
<main>
{body}
</main>
<footer>
<p>{say["recoveries"]}</p>
<p>{asked}</p>
<p>{say["licences"]}</p>
</footer>
</body>
</html>
"""
