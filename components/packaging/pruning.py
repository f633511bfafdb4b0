"""Files of wheels that a function has no use for.

They would count in the cloud's limit, in the time of the upload, and in that of each start which unpacks them.
A training with its report, from an archive alone, is the test of this list: see tests/contract.
"""

import re

_UNUSED = re.compile(
    r"""
    .* \. (c | cpp | h | hpp | pxd | pxi | pyi | pyx | tp | a)                 # for compilers and type checkers
    | (.*/)? (tests? | include | sample_data | __pycache__) / .*
    | .*/ _ (simd | \w+_tests? | test_\w+ | cy?test) \. [^/]* \. so            # what numpy's and scipy's tests call
    | [^/]* \.dist-info / (?! METADATA | (.*/)? (licen[cs]e | copying | notice) ) .*  # metadata: who asks for a version
    | [^/]* \.data / .*                                                        # scripts and manual pages

    | sklearn/datasets/ (data | descr | images) / .*                           # samples
    | scipy/io/_fast_matrix_market/ .*                                         # a file format; imported when it is read
    | scipy/odr/ .*                                                            # which scipy itself has given up
    | pydantic/ (v1/ .* | mypy\.py )                                        # its old version; a type checker's plugin

    # SVG, in one font, is all that the report draws, and no surfaces.
    | matplotlib/mpl-data/fonts/ (afm | pdfcorefonts) / .*
    | matplotlib/mpl-data/fonts/ttf/ (?! DejaVuSans\.ttf | LastResort | LICENSE ) .*
    | matplotlib/mpl-data/images/ .*                                           # of windows' buttons
    | matplotlib/ _ (qhull | tri) \. .*
    | matplotlib/backends/ (_tkagg\. .* | web_backend/ .* )
    | fontTools/ (?! misc/ ) [^/]+ / .*                                        # for PDF; SVG takes agl and misc
    | fontTools/ .* \. so

    # Formats of pictures that Pillow itself takes for optional; matplotlib imports it for PNG.
    | PIL/_ (avif | imagingcms | imagingft | imagingtk | webp) \. .*
    | pillow\.libs/lib (avif | brotli\w+ | freetype | harfbuzz | lcms2 | png16 | sharpyuv | webp\w*) - .*
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_unused(name: str) -> bool:
    """Tells whether a file of a wheel, by its name there, can stay behind."""
    return _UNUSED.fullmatch(name) is not None
