"""Reading what was drawn."""

from xml.etree import ElementTree


def parsed(chart):
    return ElementTree.fromstring(chart.svg)  # noqa: S314 (our own drawing)


def pieces(chart, css_class):
    """The attributes of these pieces, without the class."""
    found = [each for each in parsed(chart).iter() if css_class in each.get("class", "").split()]
    return [{name: value for name, value in each.attrib.items() if name != "class"} for each in found]


def texts(chart, css_class):
    found = [each for each in parsed(chart).iter() if css_class in each.get("class", "").split()]
    return ["".join(each.itertext()) for each in found]
