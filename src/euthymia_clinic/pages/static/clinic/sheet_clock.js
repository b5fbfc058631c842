// The time of a session sheet: the server's, whatever the device's clock says, in the clinic's zone, whatever the device's is.
// No document here.
"use strict";

class SheetClock {
  // `tolerance`: in minutes; a clock that is off by less is left alone, here and on the server. `hours`: so long a session may go on.
  constructor(tolerance, hours) {
    this.tolerance = tolerance * 60000;
    this.longest = hours * 3600000;
    this.offset = 0;
    this.zone = 0;
  }

  // What the server's clock said just now; `zone`: minutes of the clinic's zone ahead of UTC.
  set(now, zone) {
    this.offset = Date.parse(now) - Date.now();
    this.zone = zone * 60000;
  }

  now() { return Date.now() + this.offset; }
  get isOff() { return Math.abs(this.offset) > this.tolerance; }

  // 09:42 in the clinic.
  words(instant) { return new Date(Date.parse(instant) + this.zone).toISOString().slice(11, 16); }

  // The instant of a clock time in the clinic today, as this device would say it; after midnight, of the evening before, while a
  // session may go on; null where that is still to come.
  chosen(clock) {
    const day = new Date(this.now() + this.zone).toISOString().slice(0, 10);
    const instant = Date.parse(`${day}T${clock}:00Z`) - this.zone;
    if (instant <= this.now() + 60000) return this.byDevice(instant);
    const evening = instant - 86400000;
    return this.now() - evening > this.longest ? null : this.byDevice(evening);
  }

  byDevice(instant) { return new Date(instant - (this.isOff ? this.offset : 0)).toISOString(); }
  byServer(text) { return Date.parse(text) + (this.isOff ? this.offset : 0); }

  // How long ago, as 0:42 or 2:05; below zero never.
  static since(milliseconds) {
    const minutes = Math.max(0, Math.floor(milliseconds / 60000));
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  }

  // The reading that comes next, or is overdue, in words. `times`: minutes after the dose, words, whether done.
  static next(times, elapsed) {
    const open = times.find((time) => !time.done);
    if (!open) return { words: "all times read", overdue: false };
    const left = Math.ceil(open.minutes - elapsed / 60000);
    const overdue = left < 0;
    return { words: `at ${open.minutes} min: ${overdue ? `overdue ${-left} min` : left === 0 ? "now" : `in ${left} min`}`, overdue };
  }
}
