// A component per panel type. What @grafana/ui exports is used as it is: time series, stat, bar gauge, table, legend.
import { BarGauge, BigValue, TimeSeries, VizRepeater } from '@grafana/ui';
import { applyNullInsertThreshold, getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { isNumber, shows, theme, timeZone, values } from './data.js';
import { Columns, Curve, Dial, Distribution, Places, Ring, Scatter, States } from './drawn.jsx';

// Repeats one drawing for each value of the panel, as the plugins of both panel types do.
function Each({ panel, data, width, height, draw, ...layout }) {
  const found = values(panel, data);
  return (
    <VizRepeater
      getValues={() => found}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={data}
      renderCounter={1}
      width={width}
      height={height}
      renderValue={draw}
      {...layout}
    />
  );
}

function Stat(props) {
  const { options } = props.panel;
  return (
    <Each
      {...props}
      autoGrid
      itemSpacing={3}
      orientation={VizOrientation.Auto}
      draw={({ value, alignmentFactors, ...place }) => (
        <BigValue
          {...size(place)}
          value={value.display}
          count={place.count}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode="auto"
          textMode={options.textMode}
          alignmentFactors={alignmentFactors}
          theme={theme}
        />
      )}
    />
  );
}

function Strips(props) {
  const { options } = props.panel;
  return (
    <Each
      {...props}
      orientation={VizOrientation.Horizontal}
      itemSpacing={6}
      draw={({ value, alignmentFactors, ...place }) => (
        <BarGauge
          {...size(place)}
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          orientation={place.orientation}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          alignmentFactors={alignmentFactors}
          itemSpacing={6}
          theme={theme}
        />
      )}
    />
  );
}

const size = ({ width, height }) => ({ width, height });

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
