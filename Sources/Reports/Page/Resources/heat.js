// The map of nodes and time, of the range and the account that are chosen.

class HeatMap {
  constructor(figure, counts, view, timeline) {
    this.figure = figure;
    this.counts = counts;
    this.view = view;
    this.place = figure.querySelector(".picture");
    this.whole = this.place.querySelector("svg").getAttribute("aria-label");
    this.key = figure.querySelector(".key");
    new Brush(this.place, () => this.scale, (from, until) => timeline.look(from, until));
    view.follow(() => this.draw());
  }

  draw(width = this.place.clientWidth || 1080) {
    const isNarrow = width < 720;
    const [left, right, row] = [isNarrow ? 104 : 190, isNarrow ? 8 : 18, 22];
    const plot = width - left - right;
    const { step, start, from, until, nodes } = this.counts.bins(this.view, Math.max(12, Math.min(96, Math.floor(plot / 8))));
    const x = (time) => left + ((time - from) / (until - from)) * plot;
    const high = nodes.length * row;
    const label = this.view.isWhole ? this.whole : `Exposures by node, ${stretch(from, until)}`;
    const svg = picture("heat", label, width, high + 44);
    const fullest = Math.max(1, ...nodes.map((bins) => Math.max(...bins.map((one) => one[0] + one[1]))));
    nodes.forEach((bins, place) => {
      const y = place * row + 4;
      const name = this.counts.times.nodes[place].name ?? "without a name";
      svg.append(shape("text", { class: "label", x: left - 10, y: y + 14, "text-anchor": "end", "data-tip": name }, cut(name, isNarrow ? 13 : 26)));
      svg.append(shape("rect", { class: "track", x: left, y, width: plot, height: row - 3 }));
      bins.forEach(([certain, possible], index) => {
        const count = certain + possible;
        if (!count) return;
        const [a, b] = [start + index * step, start + (index + 1) * step];
        const [begin, end] = [Math.max(left, x(a)), Math.min(left + plot, x(b))];
        const tip = `${name}, ${stretch(a, b)}: ${grouped(count)} ${count === 1 ? "exposure" : "exposures"}`;
        svg.append(shape("rect", { class: `shade-${shade(count, fullest)}`, x: begin, y, width: Math.max(1, end - begin - 1), height: row - 3, "data-tip": tip }));
      });
    });
    for (const tick of ticks(from, until, Math.max(2, Math.floor(plot / 88)))) {
      const at = x(tick.time);
      const anchor = at < left + 30 ? "start" : at > left + plot - 30 ? "end" : "middle";
      svg.append(shape("text", { class: "tick", x: at, y: high + 20, "text-anchor": anchor }, tick.label));
      if (tick.date) svg.append(shape("text", { class: "tick", x: at, y: high + 35, "text-anchor": anchor }, tick.date));
    }
    this.scale = { svg, left, plot, width, height: high + 2, from, until };
    this.place.replaceChildren(svg);
    this.keys(fullest);
  }

  keys(fullest) {
    const bounds = new Map();
    for (let count = 1; count <= fullest; count++) {
      const one = shade(count, fullest);
      bounds.set(one, [bounds.get(one)?.[0] ?? count, count]);
    }
    this.key.replaceChildren(
      ...Array.from(bounds, ([one, [low, high]]) => {
        const item = element("li");
        item.append(element("i", { class: `swatch shade-${one}` }), low === high ? grouped(low) : `${grouped(low)} to ${grouped(high)}`);
        return item;
      }),
    );
  }
}

// 1 to 5: equal steps of the logarithm up to the fullest cell.
function shade(count, fullest) {
  return fullest === 1 ? 5 : 1 + Math.floor((Math.log(count) / Math.log(fullest)) * 4.999);
}
