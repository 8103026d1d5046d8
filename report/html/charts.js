// Draws the charts of the report from the JSON in #report-data. Everything they show stands in a table too.
const reportData = JSON.parse(document.getElementById("report-data").textContent);
const drawnCharts = [];

const shortNumber = (value) => value >= 1e4 || (value !== 0 && value < 1e-3)
  ? new Intl.NumberFormat("en", { notation: value >= 1e4 ? "compact" : "scientific", maximumFractionDigits: 1 }).format(value)
  : new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(value);

function siNumber(value) {
  const prefixes = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const found = prefixes.find(([factor]) => value >= factor * 0.9999);
  return found ? `${shortNumber(value / found[0])} ${found[1]}` : shortNumber(value);
}

function byteNumber(value) {
  const prefixes = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];
  const found = prefixes.find(([factor]) => value >= factor);
  return found ? `${shortNumber(value / found[0])} ${found[1]}` : `${value} B`;
}

// Ticks of a logarithmic axis: as many round values as there is room for, between two and all of 1, 2, 5, 10, 20 ...
function logTicks(axis, base) {
  const low = Math.log(axis.min) / Math.log(base), high = Math.log(axis.max) / Math.log(base);
  const room = Math.max(2, Math.floor((axis.isHorizontal() ? axis.width : axis.height) / (axis.isHorizontal() ? 60 : 32)));
  const stride = Math.max(1, Math.ceil((high - low) / room));
  const choices = base === 10 ? [[[1, 2, 5], 1], [[1, 3], 1], [[1], 1], [[1], stride], [[2], 1], [[5], 1]] : [[[1], stride], [[1], 1]];
  const sets = choices.map(([steps, every]) => {
    const ticks = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
      if (power % every !== 0) continue;
      for (const step of steps) {
        const value = step * base ** power;
        if (value >= axis.min * 0.9999 && value <= axis.max * 1.0001) ticks.push({ value });
      }
    }
    return ticks;
  });
  const fitting = sets.find((ticks) => ticks.length >= 2 && ticks.length <= room) || sets.find((ticks) => ticks.length > 0);
  if (fitting) axis.ticks = fitting;
}

function logAxis(title, format, base, extent) {
  const ink = palette();
  return {
    type: "logarithmic",
    title: { display: true, text: title, color: ink.muted },
    min: extent[0],
    max: extent[1],
    afterBuildTicks: (axis) => logTicks(axis, base),
    grid: { color: ink.line, drawBorder: false },
    border: { display: false },
    ticks: { color: ink.muted, callback: format, autoSkip: false, maxRotation: 0 },
  };
}

// The range of positive values with a margin on both sides, as factors.
function extentOf(values, margin) {
  const usable = values.filter((value) => value > 0 && Number.isFinite(value));
  return [Math.min(...usable) / margin, Math.max(...usable) * margin];
}

function commonOptions(tooltip, legend) {
  const ink = palette();
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    plugins: {
      legend: {
        display: true,
        position: "bottom",
        align: "start",
        onClick: null,
        labels: { usePointStyle: true, boxWidth: 7, boxHeight: 7, padding: 14, color: ink.text, filter: legend || undefined },
      },
      tooltip: { displayColors: false, padding: 10, callbacks: tooltip },
    },
  };
}

function tradeoffChart(data) {
  const ink = palette();
  const points = data.points.map((point) => ({ ...point, x: point.time, y: point.cost }));
  const front = points.filter((point) => point.front).sort((a, b) => a.x - b.x);
  const others = points.filter((point) => !point.front);
  const shape = (point) => (point.cpu ? "triangle" : "circle");
  const hollow = { showLine: false, backgroundColor: ink.page, borderColor: ink.muted, borderWidth: 1.25, pointRadius: 3.5, pointHoverRadius: 6 };
  const datasets = [
    {
      label: "Pareto front", data: front, showLine: true, stepped: true, borderColor: ink.accent, borderWidth: 1.5,
      backgroundColor: ink.accent, pointStyle: front.map(shape), pointRadius: front.map((point) => (point.rank === 1 ? 7 : 5)),
      pointHoverRadius: 8,
    },
    { label: "other GPU offers", data: others.filter((point) => !point.cpu), pointStyle: "circle", ...hollow },
    { label: "other CPU offers", data: others.filter((point) => point.cpu), pointStyle: "triangle", ...hollow, pointRadius: 4.5 },
  ].filter((dataset) => dataset.data.length > 0);
  const tooltip = {
    title: (items) => `${items[0].raw.rank}. ${items[0].raw.name}`,
    label: (item) => [`${item.raw.gpus}, ${item.raw.region}`, item.raw.words],
  };
  const options = commonOptions(tooltip);
  const marked = points.filter((point) => point.front || point.rank === 1);
  options.scales = {
    x: logAxis(`time of the job, ${data.time_unit} (logarithmic)`, shortNumber, 10,
      extentOf(points.map((p) => p.x).concat(marked.flatMap((p) => [p.time_low, p.time_high])), 1.15)),
    y: logAxis("cost of the job, $ (logarithmic)", (value) => `$${shortNumber(value)}`, 10,
      extentOf(points.map((p) => p.y).concat(marked.flatMap((p) => [p.cost_low, p.cost_high])), 1.15)),
  };
  options.plugins.annotations = {
    whiskers: marked.map((p) => ({ x: p.x, y: p.y, xLow: p.time_low, xHigh: p.time_high, yLow: p.cost_low, yHigh: p.cost_high })),
    labels: marked.sort((a, b) => a.rank - b.rank)
      .map((p) => ({ x: p.x, y: p.y, text: p.rank === 1 ? `${p.short}: cheapest` : p.short, strong: p.rank === 1 })),
    lines: [
      data.deadline ? { axis: "x", value: data.deadline, text: "deadline" } : null,
      data.budget ? { axis: "y", value: data.budget, text: "budget" } : null,
    ].filter(Boolean),
  };
  return { type: "scatter", data: { datasets }, options };
}

// Of points under ceilings: both axes logarithmic, ceilings without a legend entry or tooltip.
function rooflineOptions(tooltip, xRange, yRange) {
  const options = commonOptions(tooltip, (item, chart) => !chart.datasets[item.datasetIndex].ceiling);
  options.plugins.tooltip.filter = (item) => !item.dataset.ceiling;
  options.scales = {
    x: logAxis("arithmetic intensity, FLOP/B (logarithmic)", shortNumber, 10, xRange),
    y: logAxis("rate, FLOP/s (logarithmic)", siNumber, 10, yRange),
  };
  return options;
}

function rooflineChart(data) {
  const ink = palette();
  const [xLow, xHigh] = extentOf(data.points.map((point) => point.flop_per_byte), 3);
  const [yLow, yHigh] = extentOf(data.points.map((p) => p.flop_per_second).concat(data.peaks.map((p) => p.value)), 2.5);
  const top = Math.max(...data.peaks.map((peak) => peak.value), 0) || yHigh;
  const widest = Math.max(...data.bandwidths.map((roof) => roof.value), 0);
  const slopes = [];
  const ceiling = (from, to, text, placement) => {
    slopes.push({ x1: from.x, y1: from.y, x2: to.x, y2: to.y, text, ...placement });
    return { label: "", ceiling: true, data: [from, to], showLine: true, pointRadius: 0, pointHitRadius: 0, borderColor: ink.muted, borderWidth: 1.5 };
  };
  const start = (roof) => Math.max(xLow, yLow / roof.value);
  // A roof that ends left of every point is outside the plot.
  const roofs = data.bandwidths.filter((roof) => start(roof) < top / roof.value).map((roof, index) => {
    const from = start(roof), to = Math.min(top / roof.value, xHigh);
    return ceiling({ x: from, y: roof.value * from }, { x: to, y: roof.value * to }, roof.label, { below: index > 0 });
  }).concat(data.peaks.map((peak) => {
    const from = widest > 0 ? Math.min(Math.max(peak.value / widest, xLow), xHigh) : xLow;
    return ceiling({ x: from, y: peak.value }, { x: xHigh, y: peak.value }, peak.label, { atEnd: true });
  }));
  // One hue: filled shapes, the same hollow, then shapes of strokes alone tell 15 groups apart.
  const solid = solidShapes;
  const looks = [
    ...solid.map((shape) => [shape, ink.accent]),
    ...solid.map((shape) => [shape, ink.page]),
    ...["star", "cross", "crossRot", "line", "dash"].map((shape) => [shape, ink.accent]),
  ];
  const groups = [...new Set(data.points.map((point) => point.group))];
  const measured = groups.map((group, index) => ({
    label: group,
    data: data.points.filter((point) => point.group === group).map((p) => ({ ...p, x: p.flop_per_byte, y: p.flop_per_second })),
    showLine: false,
    pointStyle: looks[index % looks.length][0],
    backgroundColor: looks[index % looks.length][1],
    borderColor: ink.accent,
    borderWidth: 1.5,
    pointRadius: 4.5,
    pointHoverRadius: 7,
  }));
  const tooltip = {
    title: (items) => items[0].raw.name,
    label: (item) => [item.raw.words, `${shortNumber(item.raw.x)} FLOP/B`],
  };
  const options = rooflineOptions(tooltip, [xLow, xHigh], [yLow, yHigh]);
  options.plugins.annotations = { slopes };
  return { type: "scatter", data: { datasets: measured.concat(roofs) }, options };
}

function latencyChart(data) {
  const ink = palette();
  const points = data.points.map((point) => ({ ...point, x: point.bytes, y: point.ns }));
  const tooltip = { title: (items) => items[0].raw.size, label: (item) => `${shortNumber(item.raw.ns)} ns per load` };
  const options = commonOptions(tooltip);
  options.plugins.legend.display = false;
  options.scales = {
    x: logAxis("working set (logarithmic)", byteNumber, 2, extentOf(points.map((p) => p.x), 1.4)),
    y: logAxis("ns per load (logarithmic)", shortNumber, 10, extentOf(points.flatMap((p) => [p.ns_low, p.ns_high]), 1.4)),
  };
  options.plugins.annotations = {
    whiskers: points.map((p) => ({ x: p.x, y: p.y, xLow: p.x, xHigh: p.x, yLow: p.ns_low, yHigh: p.ns_high })),
    lines: data.caches.map((cache) => ({ axis: "x", value: cache.bytes, text: cache.label })),
  };
  const dataset = { label: "latency", data: points, showLine: true, borderColor: ink.accent, backgroundColor: ink.accent, borderWidth: 1.5, pointRadius: 3.5, pointHoverRadius: 6 };
  return { type: "scatter", data: { datasets: [dataset] }, options };
}

function drawCharts() {
  const makers = { tradeoff: tradeoffChart, roofline: rooflineChart, latency: latencyChart, overlay: overlayChart, collective: collectiveChart };
  while (drawnCharts.length > 0) drawnCharts.pop().destroy();
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const kind = canvas.dataset.chart;
    drawnCharts.push(new Chart(canvas, makers[kind](reportData[kind][canvas.dataset.key])));
  }
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.font.size = 12;
Chart.register(annotations);
drawCharts();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
// Paper is white, whatever the screen is.
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("printing");
  drawCharts();
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("printing");
  drawCharts();
});
