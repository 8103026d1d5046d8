"use strict";
// What Chart.js lacks: whiskers, text beside points and lines, reference lines. Each chart says in
// options.plugins.annotations what it wants: {whiskers: [{x, y, xLow, xHigh, yLow, yHigh}], labels: [{x, y, text, strong}],
// lines: [{axis: "x" or "y", value, text}], slopes: [{x1, y1, x2, y2, text}]}. Values are in the units of the axes.
const annotations = {
  id: "annotations",

  beforeDatasetsDraw(chart, _arguments, wanted) {
    const { ctx, chartArea: area, scales: { x, y } } = chart;
    const ink = palette();
    ctx.save();
    ctx.font = `${Chart.defaults.font.size}px ${Chart.defaults.font.family}`;
    for (const line of wanted.lines || []) {
      const at = line.axis === "x" ? x.getPixelForValue(line.value) : y.getPixelForValue(line.value);
      const inside = line.axis === "x" ? at > area.left && at < area.right : at > area.top && at < area.bottom;
      if (!inside) continue;
      ctx.strokeStyle = ink.muted;
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      if (line.axis === "x") {
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
      } else {
        ctx.moveTo(area.left, at);
        ctx.lineTo(area.right, at);
      }
      ctx.stroke();
      ctx.fillStyle = ink.muted;
      const width = ctx.measureText(line.text).width;
      if (line.axis === "x") ctx.fillText(line.text, at + 4 + width > area.right ? at - 4 - width : at + 4, area.top + 12);
      else ctx.fillText(line.text, area.right - width - 2, at - 5);
    }
    ctx.setLineDash([]);
    ctx.strokeStyle = ink.accent;
    ctx.globalAlpha = 0.55;
    for (const point of wanted.whiskers || []) {
      const px = x.getPixelForValue(point.x), py = y.getPixelForValue(point.y);
      const clampX = (value) => Math.min(area.right, Math.max(area.left, x.getPixelForValue(value)));
      const clampY = (value) => Math.min(area.bottom, Math.max(area.top, y.getPixelForValue(value)));
      const [left, right] = [clampX(point.xLow), clampX(point.xHigh)];
      const [bottom, top] = [clampY(point.yLow), clampY(point.yHigh)];
      ctx.beginPath();
      ctx.moveTo(left, py); ctx.lineTo(right, py);
      ctx.moveTo(left, py - 3); ctx.lineTo(left, py + 3);
      ctx.moveTo(right, py - 3); ctx.lineTo(right, py + 3);
      ctx.moveTo(px, top); ctx.lineTo(px, bottom);
      ctx.moveTo(px - 3, top); ctx.lineTo(px + 3, top);
      ctx.moveTo(px - 3, bottom); ctx.lineTo(px + 3, bottom);
      ctx.stroke();
    }
    ctx.restore();
  },

  afterDatasetsDraw(chart, _arguments, wanted) {
    const { ctx, chartArea: area, scales: { x, y } } = chart;
    const ink = palette();
    const size = Chart.defaults.font.size;
    const taken = [];
    ctx.save();
    ctx.textBaseline = "middle";
    for (const label of wanted.labels || []) {
      ctx.font = `${label.strong ? "600 " : ""}${size}px ${Chart.defaults.font.family}`;
      const width = ctx.measureText(label.text).width;
      const px = x.getPixelForValue(label.x), py = y.getPixelForValue(label.y);
      const places = [[px + 9, py - 10], [px + 9, py + 11], [px - 9 - width, py - 10], [px - 9 - width, py + 11]];
      const place = places.find(([left, middle]) => left >= area.left && left + width <= area.right &&
        middle - size / 2 >= area.top && middle + size / 2 <= area.bottom &&
        !taken.some((box) => left < box.right + 3 && left + width + 3 > box.left && Math.abs(middle - box.middle) < size + 2));
      if (!place) continue;
      taken.push({ left: place[0], right: place[0] + width, middle: place[1] });
      ctx.lineWidth = 3;
      ctx.strokeStyle = ink.page;
      ctx.strokeText(label.text, place[0], place[1]);
      ctx.fillStyle = label.strong ? ink.accent : ink.text;
      ctx.fillText(label.text, place[0], place[1]);
    }
    ctx.font = `${size}px ${Chart.defaults.font.family}`;
    ctx.fillStyle = ink.muted;
    for (const slope of wanted.slopes || []) {
      const [x1, y1] = [x.getPixelForValue(slope.x1), y.getPixelForValue(slope.y1)];
      const [x2, y2] = [x.getPixelForValue(slope.x2), y.getPixelForValue(slope.y2)];
      const length = Math.hypot(x2 - x1, y2 - y1);
      const width = ctx.measureText(slope.text).width;
      if (length < width + 16) continue;
      ctx.save();
      ctx.translate(x1, y1);
      ctx.rotate(Math.atan2(y2 - y1, x2 - x1));
      ctx.lineWidth = 3;
      ctx.strokeStyle = ink.page;
      const start = slope.atEnd ? length - width - 6 : 12;
      const above = slope.below ? 10 : -9;
      ctx.strokeText(slope.text, start, above);
      ctx.fillText(slope.text, start, above);
      ctx.restore();
    }
    ctx.restore();
  },
};

function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const series = [1, 2, 3, 4, 5, 6].map((number) => colour(`--series-${number}`));
  return { series, page: colour("--page"), text: colour("--text"), muted: colour("--muted"), line: colour("--line"), accent: colour("--accent") };
}
