"""What an editor pastes: an iframe, and the optional script that lets it grow."""

from __future__ import annotations

from markupsafe import Markup

from maps.inputs import MapInputs
from maps.words import words

HEIGHT_PX = 960
"""Height of the frame until, or unless, its content says otherwise."""
MESSAGE = "funnel-effect:height"
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"

_RESIZE = """<script>
addEventListener("message", function (event) {{
  var said = event.data;
  if (!said || said.type !== "{message}" || !Number.isFinite(said.height)) return;
  document.querySelectorAll("iframe[data-funnel-effect]").forEach(function (frame) {{
    if (frame.contentWindow === event.source) {{
      frame.height = Math.min(3000, Math.max(300, Math.ceil(said.height)));
    }}
  }});
}});
</script>"""


def frame(inputs: MapInputs) -> str:
    """Return the snippet: the frame to paste, and in a comment the optional resizer."""
    say = words(inputs.language)
    title = say["embed_title"].format(title=inputs.study.title)
    address = inputs.address or "https://example.org/maps/"
    iframe = Markup(
        '<iframe data-funnel-effect title="{title}" src="{address}embed.html" '
        'width="100%" height="{height}" loading="lazy" referrerpolicy="no-referrer"\n'
        '  sandbox="{sandbox}"></iframe>'
    ).format(title=title, address=address, height=HEIGHT_PX, sandbox=SANDBOX)
    return "\n".join(
        (
            f"<!-- {_comment(say['snippet_use'].format(address=address))} -->",
            str(iframe),
            "",
            f"<!-- {_comment(say['snippet_resize'])}",
            _RESIZE.format(message=MESSAGE),
            "-->",
            "",
        )
    )


def _comment(text: str) -> str:
    return text.replace("--", "- -").replace(">", "")
