// Panel types that @grafana/ui does not export, drawn as the panels' plugins do: dial, columns, ring, curve, map, states.
import { VizLayout, VizLegend } from '@grafana/ui';
import { histogramFieldsToFrame, buildHistogram } from '@grafana/data';
import { scaleLinear, scaleLog } from 'd3-scale';
import { color, format, isNumber, name, shows, theme, values } from './data.js';

const INK = theme.colors.text.primary;
const FAINT = theme.colors.text.secondary;
const LINE = 'rgba(204, 204, 220, 0.12)';
const FONT = { fontSize: 12, fontFamily: theme.typography.fontFamily };

const some = (list) => list.filter((one) => one != null && Number.isFinite(one));

// A plot with its legend, as the panels' plugins lay them out: below it on a narrow screen, whatever the board says.
function WithLegend({ items, width, height, placement = 'bottom', displayMode = 'list', children }) {
  const legend = (
    <VizLayout.Legend placement={placement}>
      <VizLegend items={items} placement={placement} displayMode={displayMode} readonly />
    </VizLayout.Legend>
  );
  return <VizLayout width={width} height={height} legend={legend}>{children}</VizLayout>;
}

const named = (fields) => fields.map((one, index) => ({ label: name(one), color: color(one, index), yAxis: 1 }));

function arc(cx, cy, outer, inner, from, to) {
  const at = (radius, angle) => `${cx + radius * Math.cos(angle)},${cy + radius * Math.sin(angle)}`;
  const large = to - from > Math.PI ? 1 : 0;
  return `M${at(outer, from)}A${outer},${outer},0,${large},1,${at(outer, to)}L${at(inner, to)}A${inner},${inner},0,${large},0,${at(inner, from)}Z`;
}

export function Dial({ panel, data, width, height }) {
  const [one] = values(panel, data);
  const { min = 0, max = 100, thresholds } = panel.fieldConfig.defaults;
  const radius = Math.min(width / 2, height / 1.6) - 4;
  const [cx, cy] = [width / 2, radius + 4];
  const angle = (value) => Math.PI * (0.85 + 1.3 * Math.min(1, Math.max(0, (value - min) / (max - min))));
  const value = one?.display.numeric ?? NaN;
  const steps = thresholds.steps.map((step, index) => [Math.max(min, step.value), thresholds.steps[index + 1]?.value ?? max, step.color]);
  return (
    <svg width={width} height={height}>
      <path d={arc(cx, cy, radius * 0.92, radius * 0.68, angle(min), angle(max))} fill={LINE} />
      {Number.isFinite(value) && <path d={arc(cx, cy, radius * 0.92, radius * 0.68, angle(min), angle(value))} fill={one.display.color} />}
      {steps.map(([from, to, tint]) => (
        <path key={from} d={arc(cx, cy, radius, radius * 0.95, angle(from), angle(to))} fill={theme.visualization.getColorByName(tint)} />
      ))}
      <text x={cx} y={cy + 6} textAnchor="middle" fill={one?.display.color ?? INK} style={{ ...FONT, fontSize: Math.max(16, radius / 3) }}>
        {one ? `${one.display.text}${one.display.suffix ?? ''}` : panel.fieldConfig.defaults.noValue}
      </text>
    </svg>
  );
}

// Axes around a plot; `x` and `y` are d3 scales, `children` draws between them.
function Axes({ width, height, x, y, xTicks, yTicks, xText, yText, left = 64, label, children }) {
  const [right, top, bottom] = [24, 8, label ? 36 : 22];
  x?.range([left, width - right]);
  y.range([height - bottom, top]);
  const labels = [];
  for (const [at, text] of xTicks) {
    const place = at(left, width - right);
    if (labels.length === 0 || place - labels.at(-1)[0] > 7 * String(text).length + 12) labels.push([place, text]);
  }
  return (
    <svg width={width} height={height}>
      {yTicks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} stroke={LINE} />
          <text x={left - 6} y={y(tick) + 4} textAnchor="end" fill={FAINT} style={FONT}>{yText(tick)}</text>
        </g>
      ))}
      {labels.map(([place, text]) => (
        <text key={place} x={place} y={height - bottom + 16} textAnchor="middle" fill={FAINT} style={FONT}>{text}</text>
      ))}
      {label && <text x={(left + width) / 2} y={height - 4} textAnchor="middle" fill={FAINT} style={FONT}>{label}</text>}
      {children({ left, right: width - right, top, bottom: height - bottom })}
    </svg>
  );
}

export function Columns({ panel, data, width, height }) {
  const [frame] = data;
  const [category, ...rest] = frame.fields;
  const fields = rest.filter((one) => isNumber(one) && shows(one));
  const count = frame.length;
  const stacked = panel.options.stacking === 'normal';
  const heights = (row) => fields.map((one) => one.values[row] ?? 0);
  const totals = Array.from({ length: count }, (_, row) => (stacked ? heights(row).reduce((a, b) => a + b, 0) : Math.max(...heights(row))));
  const y = scaleLinear([0, Math.max(...totals)], [0, 1]).nice();
  const center = (index) => (left, right) => left + ((index + 0.5) * (right - left)) / count;
  return (
    <WithLegend items={named(fields)} width={width} height={height}>{(w, h) => (
      <Axes width={w} height={h} y={y} yTicks={y.ticks(5)} yText={(tick) => format(fields[0], tick)}
        xTicks={[...category.values].map((text, index) => [center(index), text])}>
        {({ left, right, bottom }) => totals.map((_, row) => {
          let sum = 0;
          const group = ((right - left) / count) * 0.7;
          const w = stacked ? group : group / fields.length;
          return fields.map((one, index) => {
            const value = one.values[row] ?? 0;
            const [from, to] = [y(sum), y(sum + value)];
            if (stacked) sum += value;
            const x = center(row)(left, right) - group / 2 + (stacked ? 0 : index * w);
            return <rect key={`${row} ${index}`} x={x} width={w} y={to} height={Math.max(0, Math.min(bottom, from) - to)} fill={color(one, index)} fillOpacity={0.8} />;
          });
        })}
      </Axes>
    )}</WithLegend>
  );
}

export function Ring({ panel, data, width, height }) {
  const found = values(panel, data).filter((one) => one.display.numeric > 0);
  const total = found.reduce((sum, one) => sum + one.display.numeric, 0);
  const share = (numeric) => ({ numeric, title: 'Percent', text: `${Math.round((numeric / total) * 100)}%` });
  const items = found.map(({ display }) => ({
    label: display.title,
    color: display.color,
    yAxis: 1,
    getDisplayValues: () => [{ ...display, title: 'Value' }, share(display.numeric)],
  }));
  const { placement, displayMode } = panel.options.legend;
  return (
    <WithLegend items={items} width={width} height={height} placement={placement} displayMode={displayMode}>{(w, h) => {
      const radius = Math.min(w, h) / 2 - 6;
      let angle = -Math.PI / 2;
      return (
        <svg width={w} height={h}>
          {found.map((one) => {
            const from = angle;
            angle += (2 * Math.PI * one.display.numeric) / total - 1e-6;
            return <path key={one.display.title} d={arc(w / 2, h / 2, radius, radius * 0.6, from, angle)} fill={one.display.color} stroke={theme.colors.background.primary} />;
          })}
        </svg>
      );
    }}</WithLegend>
  );
}

export function Distribution({ panel, data, width, height }) {
  const info = buildHistogram(data, { bucketSize: panel.options.bucketSize, combine: false }, theme);
  const [from, to, ...counts] = histogramFieldsToFrame(info, theme).fields;
  const source = data[0].fields.find(isNumber);
  const x = scaleLinear([from.values[0], to.values[to.values.length - 1]], [0, 1]);
  const y = scaleLinear([0, Math.max(...counts[0].values)], [0, 1]).nice();
  const ticks = x.ticks(8);
  return (
    <Axes width={width} height={height} x={x} y={y} yTicks={y.ticks(5)} yText={String} left={44}
      xTicks={ticks.map((tick) => [() => x(tick), format(source, tick)])}>
      {({ bottom }) => [...counts[0].values].map((count, index) => {
        const [a, b] = [x(from.values[index]), x(to.values[index])];
        return <rect key={index} x={a + 1} width={Math.max(1, b - a - 2)} y={y(count)} height={bottom - y(count)} fill={color(source, 0)} fillOpacity={0.8} />;
      })}
    </Axes>
  );
}

const scale = (field, list) => (field.config.custom?.scaleDistribution?.type === 'log' ? scaleLog(list, [0, 1]) : scaleLinear(list, [0, 1]).nice());
const span = (list) => [Math.min(...list), Math.max(...list)];
const powers = (axis) => {
  const all = axis.ticks(6);
  return axis.base ? all.filter((tick) => /^[125]/.test(String(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9)))) : all;
};

export function Curve({ panel, data, width, height }) {
  const [x, ...rest] = data[0].fields;
  const fields = rest.filter((field) => isNumber(field) && shows(field));
  const xAxis = scale(x, span(some([...x.values]).filter((one) => one > 0)));
  const yAxis = scale(fields[0], span(some(fields.flatMap((one) => [...one.values]))));
  const path = (field) => [...x.values].map((at, row) => [at, field.values[row]]).filter(([at, value]) => at > 0 && value != null)
    .map(([at, value]) => `${xAxis(at)},${yAxis(value)}`).join('L');
  return (
    <WithLegend items={named(fields)} width={width} height={height}>{(w, h) => (
      <Axes width={w} height={h} x={xAxis} y={yAxis} yTicks={powers(yAxis)} yText={(tick) => format(fields[0], tick)}
        xTicks={powers(xAxis).map((tick) => [() => xAxis(tick), format(x, tick)])}>
        {() => fields.map((one, index) => <path key={name(one)} d={`M${path(one)}`} fill="none" stroke={color(one, index)} strokeWidth={one.config.custom?.lineWidth ?? 2} />)}
      </Axes>
    )}</WithLegend>
  );
}

export function Scatter({ data, width, height }) {
  const [x, y] = data[0].fields.filter(isNumber);
  const pairs = [...x.values].map((at, row) => [at, y.values[row]]).filter(([at, value]) => at != null && value != null);
  const [xAxis, yAxis] = [scaleLinear(span(pairs.map((one) => one[0])), [0, 1]).nice(), scaleLinear(span(pairs.map((one) => one[1])), [0, 1]).nice()];
  return (
    <Axes width={width} height={height} x={xAxis} y={yAxis} yTicks={yAxis.ticks(6)} yText={(tick) => format(y, tick)} label={name(x)}
      xTicks={xAxis.ticks(6).map((tick) => [() => xAxis(tick), format(x, tick)])}>
      {() => pairs.map(([at, value], index) => <circle key={index} cx={xAxis(at)} cy={yAxis(value)} r={3.5} fill={color(y, 1)} fillOpacity={0.6} stroke={color(y, 1)} />)}
    </Axes>
  );
}

export function States({ data, width, height, timeRange }) {
  const rows = data.flatMap((frame) => frame.fields.filter(({ type }) => type !== 'time').map((field) => [frame.fields[0], field]));
  const [left, bottom] = [110, 22];
  const tall = (height - bottom) / rows.length;
  const x = scaleLinear([timeRange.from.valueOf(), timeRange.to.valueOf()], [left, width - 8]);
  const count = Math.max(2, Math.min(8, Math.floor((width - left) / 60)));
  const days = Array.from({ length: count }, (_, index) => x.domain()[0] + (index + 0.5) * ((x.domain()[1] - x.domain()[0]) / count));
  return (
    <svg width={width} height={height}>
      {rows.map(([time, field], row) => (
        <g key={row}>
          <text x={left - 8} y={(row + 0.5) * tall + 4} textAnchor="end" fill={FAINT} style={FONT}>{name(field)}</text>
          {[...field.values].map((value, index) => {
            if (value == null) return null;
            const [from, to] = [x(time.values[index]), x(time.values[index + 1] ?? time.values[index] + (time.values[1] - time.values[0]))];
            return <rect key={index} x={from} width={Math.max(1, to - from - 0.5)} y={row * tall + 2} height={tall - 4} fill={field.display(value).color} fillOpacity={0.85} />;
          })}
        </g>
      ))}
      {days.map((day) => <text key={day} x={x(day)} y={height - 6} textAnchor="middle" fill={FAINT} style={FONT}>{new Date(day).toISOString().slice(5, 10)}</text>)}
    </svg>
  );
}

export function Places({ panel, data, width, height }) {
  const [frame] = data;
  const field = (wanted) => frame.fields.find((one) => one.name === wanted);
  const [latitudes, longitudes] = [[...field('latitude').values], [...field('longitude').values]];
  const mercator = (latitude) => (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  const points = latitudes.map((latitude, row) => [longitudes[row], mercator(latitude), row]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const [[west, east], [south, north]] = [span(points.map((one) => one[0])), span(points.map((one) => one[1]))];
  const least = 0.02; // degrees: no closer than the panel's largest zoom
  const zoom = Math.min((width - 60) / Math.max(east - west, least), (height - 60) / Math.max(north - south, least));
  const place = ([a, b]) => [width / 2 + (a - (west + east) / 2) * zoom, height / 2 - (b - (south + north) / 2) * zoom];
  const [layer] = panel.options.layers;
  const by = layer.type === 'markers' && frame.fields.find((one) => name(one) === layer.config.style.color.field || one.name === layer.config.style.color.field);
  const tint = (row) => {
    if (layer.type === 'heatmap') return 'rgb(255, 120, 10)';
    return by ? by.display(by.values[row]).color : theme.visualization.getColorByName(layer.config.style.color.fixed);
  };
  return (
    <svg width={width} height={height} style={{ background: '#22252b' }}>
      <text x={8} y={height - 8} fill={FAINT} style={{ ...FONT, fontSize: 11 }}>base map not loaded</text>
      {points.map((point) => {
        const [cx, cy] = place(point);
        return layer.type === 'heatmap'
          ? <circle key={point[2]} cx={cx} cy={cy} r={9} fill={tint(point[2])} fillOpacity={0.12} />
          : <circle key={point[2]} cx={cx} cy={cy} r={layer.config.style.size.fixed} fill={tint(point[2])} fillOpacity={0.8} />;
      })}
    </svg>
  );
}
