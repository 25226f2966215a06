"""Which layers of a document are shown when it is opened: what is off by default never passes."""

from typing import Any

import pikepdf
from pikepdf import Name


class Unsure(Exception):
    """A construction that this engine does not surely understand: the page goes to its picture instead."""


class Layers:
    """The default state of a document's optional content groups (ISO 32000-1, 8.11)."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        properties = pdf.Root.get(Name.OCProperties)
        usual = properties.get(Name.D) if isinstance(properties, pikepdf.Dictionary) else None
        self._usual = usual if isinstance(usual, pikepdf.Dictionary) else pikepdf.Dictionary()
        self._off_at_first = self._usual.get(Name.BaseState, Name.ON) != Name.ON
        self._on = self._members(Name.ON)
        self._off = self._members(Name.OFF)
        self._automatic = Name.AS in self._usual

    def shows(self, group: Any) -> bool:
        """This will say whether what belongs to a group, or to a rule over groups, is shown.

        :raises Unsure: when that depends on more than the groups' default states.
        """
        if not isinstance(group, pikepdf.Dictionary):
            return True
        if self._automatic:
            raise Unsure("a layer that programs switch by themselves")
        if group.get(Name.Type) != Name.OCMD:
            return self._is_on(group)
        if Name.VE in group:
            raise Unsure("a layer with a rule of its own")
        members = group.get(Name.OCGs)
        groups = list(members) if isinstance(members, pikepdf.Array) else [members]
        states = [self._is_on(each) for each in groups if isinstance(each, pikepdf.Dictionary)]
        if not states:
            return True
        policy = str(group.get(Name.P, Name.AnyOn))
        rules = {"/AnyOn": any(states), "/AllOn": all(states)}
        rules |= {"/AnyOff": not all(states), "/AllOff": not any(states)}
        if policy not in rules:
            raise Unsure("a layer with a rule of its own")
        return rules[policy]

    def _is_on(self, group: Any) -> bool:
        if group.objgen in self._off:
            return False
        return not self._off_at_first or group.objgen in self._on

    def _members(self, key: Name) -> set[tuple[int, int]]:
        listed = self._usual.get(key)
        if not isinstance(listed, pikepdf.Array):
            return set()
        return {each.objgen for each in listed if isinstance(each, pikepdf.Object)}
