"""Write the generated files of the sample shop: products, PDF manuals and Word documents.

Everything else under `samples/` is written by hand. Run it after a change to `tools/sample_shop/`:

    python tools/make_samples.py

The same sources always give the same bytes.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from sample_shop import blocks, catalog, docx, pdf

SAMPLES = Path(__file__).parents[1] / "samples"

PDFS = {
    "documents/manuals/hexmoor-ws3-repair-stand.pdf": "hexmoor-ws3-repair-stand",
    "documents/manuals/dynoval-h28-service-manual.pdf": "dynoval-h28-service-manual",
}
WORD_DOCUMENTS = {
    "documents/trade/trade-handbook.docx": "trade-handbook",
    "documents/trade/support-guidelines.docx": "support-guidelines",
}


def generated() -> Iterator[tuple[str, bytes]]:
    """Yield the path below `samples/` and the content of each generated file."""
    yield "products.jsonl", catalog.as_json_lines()
    for path, source in PDFS.items():
        yield path, pdf.render(blocks.read(source))
    for path, source in WORD_DOCUMENTS.items():
        yield path, docx.render(blocks.read(source))


def main() -> int:
    """Write every generated file below the folder given with `--output`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=SAMPLES, help="folder to write into (default: samples/)")
    output: Path = parser.parse_args().output
    for path, content in generated():
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        sys.stdout.write(f"{len(content):>8} bytes  {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
