// What part of the incident is shown: a stretch of time and an account. They are chosen in any picture or table, every other
// follows, and the URL's hash has them (#exposures?from=…&until=…&account=…), so that a link leads to what somebody saw.

class View {
  constructor() {
    this.from = null;
    this.until = null;
    this.account = null;
    this.followers = [];
    this.section = "";
    for (const link of document.querySelectorAll("a[href^='#']")) {
      link.addEventListener("click", (event) => {
        if (this.isWhole) return;
        event.preventDefault();
        this.section = link.hash.slice(1);
        this.write();
        this.go();
      });
    }
    window.addEventListener("hashchange", () => this.read());
  }

  get isWhole() {
    return this.from === null && this.account === null;
  }

  // Calls it now and whenever something else is chosen.
  follow(action) {
    this.followers.push(action);
  }

  choose({ from = this.from, until = this.until, account = this.account }) {
    this.from = from;
    this.until = until;
    this.account = account;
    this.write();
    this.tell();
  }

  showAll() {
    this.choose({ from: null, until: null, account: null });
  }

  tell() {
    for (const action of this.followers) action();
  }

  write() {
    const words = [];
    if (this.from !== null) words.push(`from=${stamp(this.from)}`, `until=${stamp(this.until)}`);
    if (this.account !== null) words.push(`account=${encodeURIComponent(this.account)}`);
    try {
      history.replaceState(null, "", `#${this.section}${words.length ? "?" + words.join("&") : ""}`);
    } catch {
      // Some browsers allow so many changes a minute; the view itself has changed.
    }
  }

  read() {
    const hash = location.hash.slice(1);
    const mark = hash.indexOf("?");
    this.section = mark < 0 ? hash : hash.slice(0, mark);
    const words = new URLSearchParams(mark < 0 ? "" : hash.slice(mark + 1));
    const [from, until] = [moment(words.get("from")), moment(words.get("until"))];
    const isRange = from !== null && until !== null && from < until;
    this.from = isRange ? from : null;
    this.until = isRange ? until : null;
    this.account = words.get("account");
    this.tell();
    if (mark >= 0) this.go();
  }

  go() {
    document.getElementById(this.section)?.scrollIntoView();
  }
}

// Microseconds since 1970 of an RFC 3339 time in UTC; null if it is none.
function moment(text) {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text ?? "");
  const whole = parts ? Date.parse(parts[1] + "Z") : NaN;
  return Number.isNaN(whole) ? null : whole * 1000 + Number((parts[2] ?? "").padEnd(6, "0"));
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// `26 Dec`
function shortDay(time) {
  const date = new Date(Math.floor(time / 1000));
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
}

// `26 Dec 2019`
function day(time) {
  return `${shortDay(time)} ${new Date(Math.floor(time / 1000)).getUTCFullYear()}`;
}

// `11:52:06`, with the digits of a second if there are any but zeros.
function clock(time) {
  const [whole, digits] = stamp(time).slice(11, -1).split(".");
  const rest = digits.replace(/0+$/, "");
  return rest ? `${whole}.${rest}` : whole;
}

// `26 Dec 2019, 11:00:00 to 12:00:00 UTC`
function stretch(from, until) {
  const whole = 86400e6;
  if (from % whole === 0 && until % whole === 0) return `${day(from)} to ${day(until)}`;
  const isOneDay = day(from) === day(until - 1);
  return `${day(from)}, ${clock(from)} to ${isOneDay ? "" : `${shortDay(until)}, `}${clock(until)} UTC`;
}
