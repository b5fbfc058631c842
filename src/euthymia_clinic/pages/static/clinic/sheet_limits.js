// What is compared while one types: the twin of euthymia.session_sheet.limits, over the limits that the core sends as data.
// Pure functions: no document, no clock, no network. Both are run over one table of cases (tests/browser/test_session_sheet.py).
"use strict";

const SheetLimits = (() => {
  const COMPARED = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };

  // A number as somebody types it, by the pattern that the core reads it with; null of anything else.
  const number = (pattern, typed) => {
    const text = String(typed).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    return new RegExp(`^(?:${pattern})$`).test(text) ? Number(text.replace(",", ".")) : null;
  };

  // Whether a limit is passed by what is typed; `before`: the last reading before the dose. null: cannot be told.
  const passed = (limit, typed, before) => {
    if (typed === null || (limit.against === "before_dose" && (before ?? null) === null)) return null;
    return COMPARED[limit.op](limit.against === "before_dose" ? typed - before : typed, limit.value);
  };

  // The limits of these stages that a typed number passes, in the core's order: the worst first.
  const crossed = (limits, stages, typed, before) => limits.filter((limit) => stages.includes(limit.stage) && passed(limit, typed, before) === true);

  // Why a typed text can be no answer to a field of numbers, as found and allowed; null: it can.
  const impossible = (field, pattern, typed) => {
    const value = number(pattern, typed);
    const allowed = field.low === null ? "a number" : `${field.low} to ${field.high}${unit(field.unit)}`;
    if (value === null) return { found: String(typed).trim(), allowed };
    return field.low !== null && (value < field.low || value > field.high) ? { found: String(value), allowed } : null;
  };

  // A unit as a person reads it, with the space before it.
  const unit = (code) => (!code || code.startsWith("{") ? "" : ` ${code.replace("mm[Hg]", "mm Hg")}`);

  return { number, passed, crossed, impossible, unit };
})();
