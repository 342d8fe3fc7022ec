// The timeline at any zoom: its bins are counted and its axis is drawn anew for the range that is shown.

class Timeline {
  constructor(figure, counts, view) {
    this.figure = figure;
    this.counts = counts;
    this.view = view;
    this.place = figure.querySelector(".picture");
    this.whole = this.place.querySelector("svg").getAttribute("aria-label");
    this.caption = figure.querySelector("figcaption");
    this.tools = figure.querySelector(".zoom");
    this.tools.hidden = false;
    this.shown = figure.querySelector(".shown");
    this.tools.addEventListener("click", (event) => this.act(event.target.dataset.zoom));
    const keys = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all", Escape: "all" };
    this.place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      this.act(keys[event.key]);
    });
    new Brush(this.place, () => this.scale, (from, until) => this.look(from, until));
    view.follow(() => this.draw());
  }

  act(what) {
    const [from, until] = this.counts.range(this.view);
    const width = until - from;
    const middle = (from + until) / 2;
    if (what === "in") this.look(middle - width / 4, middle + width / 4);
    if (what === "out") this.look(middle - width, middle + width);
    if (what === "left") this.look(from - width / 2, until - width / 2);
    if (what === "right") this.look(from + width / 2, until + width / 2);
    if (what === "all") this.view.choose({ from: null, until: null });
  }

  // Chooses a range: within the logs, not shorter than a bin, and of whole bins.
  look(from, until) {
    const { counts } = this;
    const least = counts.isWhole ? 1e6 : counts.times.length;
    const width = Math.min(counts.until - counts.from, Math.max(until - from, least));
    from = Math.min(Math.max(counts.from, (from + until - width) / 2), counts.until - width);
    [from, until] = counts.widened(from, from + width, this.most);
    if (from <= counts.from && until >= counts.until) this.view.choose({ from: null, until: null });
    else this.view.choose({ from, until });
  }

  // How many bins there is room for.
  get most() {
    return Math.max(24, Math.floor((this.place.clientWidth || 1080) / 2));
  }

  draw(width = this.place.clientWidth || 1080) {
    const found = this.counts.bins(this.view, Math.floor(width / 2));
    const { step, start, bins } = found;
    let { from, until } = found;
    const isNarrow = width < 720;
    const [left, right] = [isNarrow ? 44 : 62, isNarrow ? 8 : 18];
    const plot = width - left - right;
    const x = (time) => left + ((time - from) / (until - from)) * plot;
    const marks = this.marks(from, until, x, width, isNarrow);
    const top = 22 * Math.max(1, 1 + Math.max(-1, ...marks.map((mark) => mark.line))) + 6;
    const [barHeight, deliveryHeight] = isNarrow ? [150, 44] : [190, 56];
    const base = top + barHeight;
    const deliveryTop = base + 14;
    const deliveryBase = deliveryTop + deliveryHeight;
    const height = deliveryBase + 46;
    const sums = bins.reduce((sum, one) => [sum[0] + one[0], sum[1] + one[1]], [0, 0]);
    const words = `${grouped(sums[0])} certain, ${grouped(sums[1])} possible`;
    const svg = picture("timeline", this.view.isWhole ? this.whole : `Timeline, ${stretch(from, until)}: ${words}`, width, height);
    const bar = (name, a, b, y, high, tip) => {
      const [begin, end] = [Math.max(left, x(a)), Math.min(left + plot, x(b))];
      const wide = end - begin;
      if (wide <= 0) return;
      const attributes = { class: name, x: begin, y, width: Math.max(0.6, wide > 3 && name !== "hit" ? wide - 1 : wide), height: high };
      svg.append(shape("rect", tip ? { ...attributes, "data-tip": tip } : attributes));
    };
    const most = Math.max(1, ...bins.map((one) => one[0] + one[1]));
    const level = roundStep(most / 4);
    const ceiling = Math.ceil(most / level) * level;
    for (let value = 0; value <= ceiling; value += level) {
      const y = base - (value / ceiling) * barHeight;
      svg.append(shape("line", { class: "grid", x1: left, x2: left + plot, y1: y, y2: y }));
      svg.append(shape("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, grouped(value)));
    }
    svg.append(shape("text", { class: "tick", x: left - 8, y: deliveryTop + 10, "text-anchor": "end" }, "deliv."));
    for (const one of this.counts.times.silences) if (one.until > from && one.from < until) bar("silence", one.from, one.until, deliveryBase + 3, 5, one.words);
    const deliveries = this.counts.deliveries(from, until, step);
    const fullest = Math.max(1, ...deliveries.map((one) => one[2]));
    for (const [a, b, count] of deliveries) {
      const high = count > 0 ? Math.max(1, (count / fullest) * deliveryHeight) : 0;
      if (count > 0) bar("deliveries", a, b, deliveryBase - high, high);
      bar("hit", a, b, base, deliveryBase - base, `${stretch(a, b)}: ${grouped(count)} ${count === 1 ? "delivery" : "deliveries"}`);
    }
    bins.forEach(([certain, possible], index) => {
      const [a, b] = [start + index * step, start + (index + 1) * step];
      const [c, p] = [(certain / ceiling) * barHeight, (possible / ceiling) * barHeight];
      if (certain) bar("certain", a, b, base - c, c);
      if (possible) bar("possible", a, b, base - c - p, p);
      bar("hit", a, b, top, barHeight, `${stretch(a, b)}: ${grouped(certain)} certain, ${grouped(possible)} possible`);
    });
    for (const mark of marks) {
      const y = 16 + 22 * mark.line;
      svg.append(shape("line", { class: `mark ${mark.kind}`, x1: mark.x, x2: mark.x, y1: y - 10, y2: deliveryBase }));
    }
    for (const mark of marks) {
      const attributes = { class: `flag ${mark.kind}`, x: mark.x + (mark.turned ? -5 : 5), y: 16 + 22 * mark.line, "text-anchor": mark.turned ? "end" : "start", "data-tip": mark.tip };
      svg.append(shape("text", attributes, mark.label));
    }
    svg.append(shape("line", { class: "axis", x1: left, x2: left + plot, y1: deliveryBase + 9.5, y2: deliveryBase + 9.5 }));
    for (const tick of ticks(from, until, Math.max(2, Math.floor(plot / 88)))) {
      const at = x(tick.time);
      svg.append(shape("line", { class: "axis", x1: at, x2: at, y1: deliveryBase + 9.5, y2: deliveryBase + 14 }));
      const anchor = at < left + 30 ? "start" : at > left + plot - 30 ? "end" : "middle";
      svg.append(shape("text", { class: "tick time", x: at, y: deliveryBase + 28, "text-anchor": anchor }, tick.label));
      if (tick.date) svg.append(shape("text", { class: "tick date", x: at, y: deliveryBase + 43, "text-anchor": anchor }, tick.date));
    }
    this.scale = { svg, left, plot, width, height: deliveryBase, from, until };
    this.place.replaceChildren(svg);
    this.caption.textContent = `Exposures per ${lengthWords(step)}, UTC`;
    this.shown.textContent = `${stretch(from, until)}: ${words}`;
  }

  // The rollouts and suspensions in the range, each label on a line where it covers no other.
  marks(from, until, x, width, isNarrow) {
    const ends = [];
    const found = [];
    for (const { at: time, label: name, kind, words } of this.counts.times.marks) {
      if (time < from || time > until) continue;
      const at = x(time);
      const turned = at > width * 0.6;
      const label = cut(name, isNarrow ? 24 : 44);
      const wide = label.length * 6.8 + 14;
      const [a, b] = turned ? [at - wide, at] : [at, at + wide];
      let line = 0;
      while (line < 5 && (ends[line] ?? []).some(([c, d]) => a < d && c < b)) line++;
      (ends[line] ??= []).push([a, b]);
      found.push({ x: at, kind, tip: words, label, turned, line });
    }
    return found;
  }
}

// `hour`, `10 minutes`
function lengthWords(step) {
  const seconds = step / 1e6;
  for (const [length, name] of [[604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]]) {
    if (seconds % length === 0 && seconds >= length) return seconds === length ? name : `${grouped(seconds / length)} ${name}s`;
  }
  return `${seconds} seconds`;
}
