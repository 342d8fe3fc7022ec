// A closer look at the timeline: what the page drew is moved, nothing is drawn anew but the ticks.

class TimelineZoom {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.querySelector("svg");
    const [, , width] = this.svg.getAttribute("viewBox").split(" ").map(Number);
    this.left = 62;
    this.plot = width - 80;
    this.from = 0;
    this.until = 1;
    this.items = Array.from(this.svg.querySelectorAll("[data-a]"), (item) => ({
      item, a: Number(item.dataset.a), b: item.dataset.b === undefined ? null : Number(item.dataset.b), shift: Number(item.dataset.shift ?? 0),
    }));
    this.tools = figure.querySelector(".zoom");
    this.tools.hidden = false;
    this.shown = figure.querySelector(".shown");
    this.tools.addEventListener("click", (event) => this.act(event.target.dataset.zoom));
    const picture = figure.querySelector(".picture");
    const keys = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all", Escape: "all" };
    picture.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      this.act(keys[event.key]);
    });
    this.dragging();
    this.say();
  }

  act(what) {
    const width = this.until - this.from;
    const middle = (this.from + this.until) / 2;
    if (what === "in") this.look(middle - width / 4, middle + width / 4);
    if (what === "out") this.look(middle - width, middle + width);
    if (what === "left") this.look(this.from - width / 2, this.until - width / 2);
    if (what === "right") this.look(this.from + width / 2, this.until + width / 2);
    if (what === "all") this.look(0, 1);
  }

  look(from, until) {
    const width = Math.min(1, Math.max(until - from, 1e-4));
    this.from = Math.min(Math.max(0, from), 1 - width);
    this.until = this.from + width;
    const x = (place) => this.left + ((place - this.from) / width) * this.plot;
    const right = this.left + this.plot;
    for (const { item, a, b, shift } of this.items) {
      if (b === null) {
        item.style.display = a < this.from - 1e-9 || a > this.until + 1e-9 ? "none" : "";
        if (item.tagName === "line") {
          item.setAttribute("x1", x(a));
          item.setAttribute("x2", x(a));
        } else item.setAttribute("x", x(a) + shift);
      } else {
        const start = Math.max(this.left, x(a));
        const end = Math.min(right, x(b));
        item.style.display = end <= start ? "none" : "";
        const wide = end - start;
        item.setAttribute("x", start);
        item.setAttribute("width", Math.max(0.6, wide > 3 ? wide - 1 : wide));
      }
    }
    this.say();
  }

  // The stretch of time that is in sight, out of the first and last words of what can be pointed at.
  say() {
    const seen = Array.from(this.svg.querySelectorAll(".hit"), (item) => item).filter((item) => item.style.display !== "none");
    const name = (item) => item?.dataset.tip.split(": ")[0] ?? "";
    this.shown.textContent = seen.length ? `${name(seen[0])} … ${name(seen[seen.length - 1])}` : "";
  }

  dragging() {
    let start = null;
    const brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    brush.setAttribute("class", "brush");
    const place = (event) => {
      const box = this.svg.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width) * (this.plot + 80);
      return Math.min(1, Math.max(0, (share - this.left) / this.plot));
    };
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      start = place(event);
      event.preventDefault();
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const [a, b] = [start, place(event)].sort((one, other) => one - other);
      brush.setAttribute("x", this.left + a * this.plot);
      brush.setAttribute("width", (b - a) * this.plot);
      brush.setAttribute("y", 0);
      brush.setAttribute("height", this.svg.getAttribute("height") - 36);
      if (!brush.isConnected) this.svg.append(brush);
    });
    window.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const [a, b] = [start, place(event)].sort((one, other) => one - other);
      start = null;
      brush.remove();
      const width = this.until - this.from;
      if (b - a > 0.005) this.look(this.from + a * width, this.from + b * width);
    });
  }
}
