"""What does this front door call itself, and how does it look? `house.yaml` beside the rule sets; ours where absent."""

import re
from dataclasses import dataclass
from pathlib import Path

from mash.errors import BadInput
from mash.rules.yamlfile import Source, read_yaml

FILE = "house.yaml"
LEAST_CONTRAST = 4.5
"""Of white words on the colour. Source: WCAG 2.2, success criterion 1.4.3."""

_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_LARGEST = 60_000


@dataclass(frozen=True)
class Logo:
    """A picture, and what a browser has to know to show it."""

    content: bytes
    kind: str


OURS = Logo((Path(__file__).parent / "static" / "door.svg").read_bytes(), _KINDS[".svg"])


@dataclass(frozen=True)
class Identity:
    """The name in the header, the colour behind it, and the logo before it."""

    name: str = "Front door"
    colour: str = "#1d3c45"
    logo: Logo = OURS

    @property
    def css(self) -> str:
        """The colour, for our style sheet."""
        return f":root {{ --house: {self.colour}; }}\n"


def identity(config: Path) -> Identity:
    """As the file says. Raises BadInput with every problem, by file and line."""
    file = config / FILE
    if not file.exists():
        return Identity()
    source = read_yaml(file)
    for key in source.data:
        if key not in ("name", "colour", "logo"):
            source.complain((key,), "is not known here: there are `name`, `colour` and `logo`.")
    found = Identity(_name(source), _colour(source), _logo(source, config))
    if source.told:
        raise BadInput(*map(str, sorted(source.told)))
    return found


def _text(source: Source, key: str, otherwise: str) -> str:
    given = source.data.get(key, otherwise)
    if isinstance(given, str):
        return given.strip()
    source.complain((key,), "has to be one line of text.")
    return otherwise


def _name(source: Source) -> str:
    name = _text(source, "name", Identity.name)
    if not 0 < len(name) <= 40:
        source.complain(("name",), "has to have 1 to 40 characters.")
    return name


def _colour(source: Source) -> str:
    colour = _text(source, "colour", Identity.colour).lower()
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        source.complain(("colour",), 'is not a colour. Write it like "#1d3c45", with quotes.')
    elif (contrast := _contrast_with_white(colour)) < LEAST_CONTRAST:
        text = f"is too light for white words: the contrast is {contrast:.1f}, and {LEAST_CONTRAST} is the least."
        source.complain(("colour",), text)
    return colour


def _contrast_with_white(colour: str) -> float:
    shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _logo(source: Source, config: Path) -> Logo:
    name = _text(source, "logo", "")
    if not name:
        return OURS
    file = config / name
    if Path(name).name != name or file.suffix not in _KINDS:
        source.complain(("logo",), f"has to be a file beside {FILE} that ends in .svg or .png.")
    elif not file.is_file() or file.stat().st_size > _LARGEST:
        source.complain(("logo",), f"is not there, or is larger than {_LARGEST // 1000} kB.")
    else:
        return Logo(file.read_bytes(), _KINDS[file.suffix])
    return OURS
