// A component per panel type. What @grafana/ui exports is used as it is: time series, stat, bar gauge, table, legend.
import { BarGauge, BigValue, TimeSeries, VizRepeater } from '@grafana/ui';
import { applyNullInsertThreshold, getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { isNumber, shows, theme, timeZone, values } from './data.js';
import { Columns, Curve, Dial, Distribution, Places, Ring, Scatter, States } from './drawn.jsx';

function Stat({ panel, data, width, height }) {
  const { options } = panel;
  const found = values(panel, data);
  return (
    <VizRepeater
      getValues={() => found}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={data}
      renderCounter={1}
      width={width}
      height={height}
      autoGrid
      itemSpacing={3}
      orientation={VizOrientation.Auto}
      renderValue={({ value, width: w, height: h, alignmentFactors, count }) => (
        <BigValue
          value={value.display}
          count={count}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode="auto"
          textMode={options.textMode}
          alignmentFactors={alignmentFactors}
          width={w}
          height={h}
          theme={theme}
        />
      )}
    />
  );
}

function Strips({ panel, data, width, height }) {
  const found = values(panel, data);
  return (
    <VizRepeater
      getValues={() => found}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={data}
      renderCounter={1}
      width={width}
      height={height}
      orientation={VizOrientation.Horizontal}
      itemSpacing={6}
      renderValue={({ value, width: w, height: h, alignmentFactors, orientation }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          width={w}
          height={h}
          orientation={orientation}
          displayMode={panel.options.displayMode}
          valueDisplayMode={panel.options.valueMode}
          alignmentFactors={alignmentFactors}
          itemSpacing={6}
          theme={theme}
        />
      )}
    />
  );
}

function Series({ panel, data, width, height, timeRange }) {
  const frames = data
    .map((frame) => ({ ...frame, fields: frame.fields.filter((one) => one.type === 'time' || isNumber(one)) }))
    .map((frame) => applyNullInsertThreshold({ frame })); // as the panel's plugin does
  return (
    <TimeSeries
      frames={frames}
      structureRev={1}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone={timeZone}
      legend={panel.options.legend}
      options={panel.options}
    />
  );
}

function Grid({ panel, data, width, height }) {
  const frame = { ...data[0], fields: data[0].fields.filter(shows) };
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      sortBy={panel.options.sortBy}
      cellHeight={panel.options.cellHeight}
      fieldConfig={panel.fieldConfig}
      noHeader={!panel.options.showHeader}
      enableVirtualization={false}
      structureRev={1}
    />
  );
}

export const PANELS = {
  barchart: Columns,
  bargauge: Strips,
  gauge: Dial,
  geomap: Places,
  histogram: Distribution,
  piechart: Ring,
  stat: Stat,
  'state-timeline': States,
  table: Grid,
  timeseries: Series,
  trend: Curve,
  xychart: Scatter,
};
