// Charts of several runs. A series keeps its look in every chart: hue, shape and dashes all differ, so that no one of
// them carries the meaning alone.
const solidShapes = ["circle", "rect", "triangle", "rectRot", "rectRounded"];
const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

const seriesLook = (index, ink) => ({
  borderColor: ink.series[index % ink.series.length],
  backgroundColor: index < ink.series.length ? ink.series[index % ink.series.length] : ink.page,
  pointStyle: solidShapes[index % solidShapes.length],
  borderDash: dashes[index % dashes.length],
  borderWidth: 1.5,
  pointRadius: 3.5,
  pointHoverRadius: 6,
});

function whiskersOf(points) {
  return points.filter((p) => p.low && p.high).map((p) => ({ x: p.x, y: p.y, xLow: p.x, xHigh: p.x, yLow: p.low, yHigh: p.high }));
}

function overlayChart(data) {
  const ink = palette();
  const points = data.series.flatMap((one) => one.points);
  const roofs = data.series.flatMap((one) => one.peaks);
  const [xLow, xHigh] = extentOf(points.map((point) => point.flop_per_byte), 3);
  const [yLow, yHigh] = extentOf(points.map((p) => p.flop_per_second).concat(roofs), 2.5);
  const datasets = [];
  data.series.forEach((one, index) => {
    const look = seriesLook(index, ink);
    datasets.push({
      label: one.label,
      data: one.points.map((p) => ({ ...p, x: p.flop_per_byte, y: p.flop_per_second })),
      ...look,
      showLine: false,
      borderDash: [],
    });
    const line = (from, to, roof) => datasets.push({ ...look, label: "", ceiling: true, roof, data: [from, to], showLine: true, pointRadius: 0, pointHitRadius: 0 });
    const top = Math.max(...one.peaks, 0) || yHigh;
    const widest = Math.max(...one.bandwidths, 0);
    if (widest > 0) {
      const from = Math.max(xLow, yLow / widest), to = Math.min(top / widest, xHigh);
      if (from < to) line({ x: from, y: widest * from }, { x: to, y: widest * to });
    }
    for (const peak of one.peaks) {
      const from = widest > 0 ? Math.min(Math.max(peak / widest, xLow), xHigh) : xLow;
      line({ x: from, y: peak }, { x: xHigh, y: peak });
    }
  });
  const tooltip = {
    title: (items) => `${items[0].dataset.label}: ${items[0].raw.name}`,
    label: (item) => [item.raw.words, `${shortNumber(item.raw.x)} FLOP/B`],
  };
  const options = rooflineOptions(tooltip, [xLow, xHigh], [yLow, yHigh]);
  options.plugins.annotations = {};
  return { type: "scatter", data: { datasets }, options };
}

function collectiveChart(data) {
  const ink = palette();
  const datasets = data.series.map((one, index) => ({
    label: one.label,
    data: one.points.map((p) => ({ ...p, x: p.bytes, y: p.busbw / data.scale, low: p.low / data.scale, high: p.high / data.scale })),
    ...seriesLook(index, ink),
    showLine: true,
  }));
  const tooltip = { title: (items) => `${items[0].dataset.label}, ${byteNumber(items[0].raw.bytes)}`, label: (item) => `${shortNumber(item.raw.y)} ${data.unit}` };
  const options = commonOptions(tooltip);
  options.scales = {
    x: logAxis("size of the message (logarithmic)", byteNumber, 2, extentOf(datasets.flatMap((one) => one.data.map((p) => p.x)), 1.4)),
    y: {
      type: "linear",
      min: 0,
      title: { display: true, text: `bus bandwidth, ${data.unit}, from zero`, color: ink.muted },
      grid: { color: ink.line, drawBorder: false },
      border: { display: false },
      ticks: { color: ink.muted, callback: shortNumber },
    },
  };
  options.plugins.annotations = { whiskers: whiskersOf(datasets.flatMap((one) => one.data)) };
  return { type: "scatter", data: { datasets }, options };
}
