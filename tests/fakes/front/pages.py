"""Lists of IAM in pages: AWS gives at most 100 at once, MiniStack all of them."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from fakes.front.exchange import Answer, Onward, Request
from fakes.front.world import World

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
ET.register_namespace("", _NAMESPACE)


class Pages:
    """A rule that cuts each list of IAM to `size` members, or to the fewer that the caller asks for."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Return one page of what the emulator gives."""
        answer = onward(request)
        is_list = request.operation.startswith("List") or request.operation == "GetGroup"
        if request.service != "iam" or not is_list or answer.status != 200:
            return answer
        start, asked = int(request.form.get("Marker") or 0), int(request.form.get("MaxItems") or self._size)
        root = ET.fromstring(answer.body)  # noqa: S314 - the emulator's own
        truncated = root.find(f".//{{{_NAMESPACE}}}IsTruncated")
        members = [one for one in root.iter() if one.findall(f"{{{_NAMESPACE}}}member")]
        if truncated is None or not members:
            return answer
        # The first in the document is the list itself; others, such as tags, are parts of its members.
        whole, end = list(members[0]), start + min(self._size, asked)
        members[0][:] = whole[start:end]
        if end < len(whole):
            truncated.text = "true"
            result = next(iter(root))
            ET.SubElement(result, f"{{{_NAMESPACE}}}Marker").text = str(end)
        return replace(answer, body=ET.tostring(root, encoding="utf-8", xml_declaration=True))
