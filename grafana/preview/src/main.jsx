// Draws window.BOARD: {board, values, range, answers: [{panel, frames}], width, light} on one page.
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import { dateTime, ThemeContext } from '@grafana/data';
import { GlobalStyles, PanelChrome } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { empty, prepare, theme } from './data.js';
import { PANELS } from './panels.jsx';

const CELL = 30;
const GAP = 8;
const WIDTH = window.BOARD.width;
const ONE_COLUMN = WIDTH < 769; // Grafana puts the panels below each other on a screen as narrow as that
const FOOTER =
  "Drawn from the results of the board's queries with Grafana's packages: time series, stat, bar gauge, table and panel frames " +
  'are components of @grafana/ui, other panel types are redrawn. Not a screenshot of Grafana. The athlete is synthetic.';

const HIDDEN = 2; // a variable that only links set
const replaced = (text, values) => text.replace(/\$\{(\w+)[^}]*\}/g, (_, name) => values[name] ?? '');

function box({ x, y, w, h }) {
  const column = (WIDTH - 2 * GAP + GAP) / 24;
  return { left: GAP + x * column, top: y * (CELL + GAP), width: w * column - GAP, height: h * (CELL + GAP) - GAP };
}

function Panel({ panel, frames, values, timeRange }) {
  const { left, top, width, height } = box(panel.gridPos);
  const Component = PANELS[panel.type];
  const nothing = frames.length === 0 || (panel.type !== 'stat' && panel.type !== 'table' && empty(frames));
  return (
    <div style={{ position: 'absolute', left, top, width, height }}>
      <PanelChrome title={replaced(panel.title, values)} width={width} height={height} padding="md">
        {(w, h) =>
          nothing ? (
            <div style={{ height: h, display: 'grid', placeItems: 'center', color: theme.colors.text.secondary, textAlign: 'center' }}>
              {panel.fieldConfig.defaults.noValue}
            </div>
          ) : (
            <Component panel={panel} data={frames} width={w} height={h} timeRange={timeRange} />
          )
        }
      </PanelChrome>
    </div>
  );
}

function Row({ row }) {
  const { left, top, width, height } = box(row.gridPos);
  return (
    <div style={{ position: 'absolute', left, top, width, height, lineHeight: `${height}px`, fontSize: 16, fontWeight: 500 }}>
      ⌄&nbsp; {row.title}
    </div>
  );
}

function placed(panels) {
  if (!ONE_COLUMN) return panels;
  const sorted = [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  let y = 0;
  return sorted.map((panel) => {
    const gridPos = { ...panel.gridPos, x: 0, y, w: 24 };
    y += gridPos.h;
    return { ...panel, gridPos };
  });
}

async function main() {
  const { board: original, values, range, answers } = window.BOARD;
  const board = { ...original, panels: placed(original.panels) };
  const places = Object.fromEntries(board.panels.map(({ id, gridPos }) => [id, gridPos]));
  await Promise.all(['400', '500'].map((weight) => document.fonts.load(`${weight} 14px Inter`))); // sizes of texts are measured
  const [from, to] = [dateTime(range[0]).utc(), dateTime(range[1]).utc()];
  const timeRange = { from, to, raw: { from, to } };
  const prepared = await Promise.all(answers.map(async ({ panel, frames }) => ({ panel: { ...panel, gridPos: places[panel.id] }, frames: await prepare(panel, frames) })));
  const height = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * (CELL + GAP);
  const variables = board.templating.list.filter((one) => one.name !== 'datasource' && one.hide !== HIDDEN);
  const chosen = ({ name, options }) => (options ?? []).find((one) => one.value === values[name])?.text
    ?? String(values[name]).replace('$__all', 'All');
  createRoot(document.getElementById('board')).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div style={{ padding: '12px 16px', fontSize: 14, color: theme.colors.text.secondary }}>
        <span style={{ fontSize: 20, color: theme.colors.text.primary, marginRight: 24 }}>{board.title}</span>
        {variables.map((one) => (
          <span key={one.name} style={{ marginRight: 16 }}>
            {one.label}: <b style={{ color: theme.colors.text.primary }}>{chosen(one) || '–'}</b>
          </span>
        ))}
        <span style={{ float: 'right' }}>{`${from.format('YYYY-MM-DD HH:mm')} to ${to.format('YYYY-MM-DD HH:mm')}`}</span>
      </div>
      <div style={{ position: 'relative', width: WIDTH, height }}>
        {board.panels.filter(({ type }) => type === 'row').map((row) => <Row key={row.id} row={row} />)}
        {prepared.map(({ panel, frames }) => <Panel key={panel.id} panel={panel} frames={frames} values={values} timeRange={timeRange} />)}
      </div>
      <div style={{ padding: '10px 16px 14px', fontSize: 13, color: theme.colors.text.secondary }}>{FOOTER}</div>
    </ThemeContext.Provider>
  );
}

main().catch((error) => {
  document.body.textContent = `FAILED ${error.stack}`;
});
