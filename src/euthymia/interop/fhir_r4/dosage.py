"""How much of a drug a day: from a dosage with its timing, and back."""

from euthymia.interop.fhir_r4.elements import Element, get, quantity, quantity_mg, read_number, text

# What makes a timing irregular: as often as this, or up to that; on some days; at so many hours.
_IRREGULAR = ("frequencyMax", "periodMax", "dayOfWeek")
_TIMES = ("timeOfDay", "when")


def daily_dose_mg(dosages: object) -> float | None:
    """mg a day of one dosage with a regular interval of hours, days or weeks; None where it cannot be told.

    A dose as needed is at most so much, a range of frequencies too: nobody knows what was taken a day.
    """
    if not isinstance(dosages, list) or len(dosages) != 1:
        return None
    amount = quantity_mg(get(dosages, "0.doseAndRate.0.doseQuantity"))
    repeat = get(dosages, "0.timing.repeat")
    if get(dosages, "0.asNeededBoolean") or get(dosages, "0.asNeededCodeableConcept") or any(get(repeat, key) for key in _IRREGULAR):
        return None
    if get(repeat, "frequency") is None and any(get(repeat, key) for key in _TIMES):
        return None
    hours = {"h": 1, "d": 24, "wk": 168}.get(get(repeat, "periodUnit") or "")
    period, frequency = read_number(get(repeat, "period")), read_number(get(repeat, "frequency"))
    if amount is None or not hours or not period:
        return None
    return amount * ((frequency or 1) * 24 / (period * hours))


def daily_element(path: str) -> Element:
    """A daily dose, as one dose a day."""
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    return Element(
        path,
        lambda value: [{"timing": timing, "doseAndRate": [{"doseQuantity": quantity(value, "mg")}]}],
        daily_dose_mg,
    )


def dosage(path: str) -> dict[str, Element]:
    """The fields of a medication that stand in its first dosage."""
    return {"daily_dose_mg": daily_element(path), "dose_text": text(f"{path}.0.text"), "route": text(f"{path}.0.route.text")}
