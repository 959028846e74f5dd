// From the answers of the queries to frames ready to draw: transformations, field options, displayed values.
import {
  applyFieldOverrides, cacheFieldDisplayNames, createTheme, FieldType, getDisplayProcessor, getFieldDisplayValues, Registry,
  standardTransformers, standardTransformersRegistry, toDataFrame, transformDataFrame,
} from '@grafana/data';
import { lastValueFrom } from 'rxjs';

export const theme = createTheme({ colors: { mode: window.BOARD.light ? 'light' : 'dark' } });
export const timeZone = 'utc';

const transformers = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
standardTransformersRegistry.setInit(() =>
  [...transformers.values()].map((one) => ({ id: one.id, name: one.name, transformation: async () => one, aliasIds: [] }))
);

const STANDARD = ['unit', 'decimals', 'min', 'max', 'fieldMinMax', 'displayName', 'noValue', 'color', 'mappings', 'links', 'thresholds'];

// Grafana fills this registry from the panel's plugin; here every option that the panel sets is known.
function registry(fieldConfig) {
  const custom = new Set(Object.keys(fieldConfig.defaults.custom ?? {}));
  for (const override of fieldConfig.overrides) {
    for (const { id } of override.properties) {
      if (id.startsWith('custom.')) custom.add(id.slice('custom.'.length));
    }
  }
  const item = (id, path, isCustom) => ({
    id, path, isCustom, name: path, process: (value) => value, shouldApply: () => true,
  });
  return new Registry(() => [
    ...STANDARD.map((id) => item(id, id, false)),
    ...[...custom].map((path) => item(`custom.${path}`, path, true)),
  ]);
}

const text = (value) => value;

export async function prepare(panel, frames) {
  const transformed = await lastValueFrom(
    transformDataFrame(panel.transformations ?? [], frames.map(toDataFrame), { interpolate: text })
  );
  for (const step of panel.fieldConfig.defaults.thresholds?.steps ?? []) step.value ??= -Infinity;
  const ready = applyFieldOverrides({
    data: transformed,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: registry(panel.fieldConfig),
    replaceVariables: text,
    theme,
    timeZone,
  });
  cacheFieldDisplayNames(ready);
  return ready;
}

export function values(panel, data) {
  return getFieldDisplayValues({
    data, theme, timeZone,
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: text,
  });
}

export const isNumber = (field) => field.type === FieldType.number;
export const name = (field) => field.state?.displayName ?? field.config.displayName ?? field.config.displayNameFromDS ?? field.name;
export const shows = (field) => !field.config.custom?.hidden && !field.config.custom?.hideFrom?.viz;

export function color(field, index) {
  const { mode, fixedColor } = field.config.color ?? {};
  if (mode === 'fixed') return theme.visualization.getColorByName(fixedColor);
  return theme.visualization.getColorByName(theme.visualization.palette[index % theme.visualization.palette.length]);
}

export const format = (field, value) => {
  const display = field.display ?? getDisplayProcessor({ field, theme, timeZone });
  const { prefix = '', text: shown, suffix = '' } = display(value);
  return `${prefix}${shown}${suffix}`;
};

export const empty = (data) => !data.some((frame) => frame.fields.some((field) => (isNumber(field) || field.type === FieldType.boolean) && [...field.values].some((one) => one != null)));
