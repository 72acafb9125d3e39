// Writes what follows from model/unified-event.columns.csv: run it after a change of that list, then add a migration.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PACKAGE_ROOT } from '../src/package-files.ts'
import { documentationOf, metadataOf, readColumns, typescriptOf } from './event-columns.ts'

const at = (file: string): string => path.join(PACKAGE_ROOT, file)
const METADATA = at('hasura-metadata/databases/observability/tables/event_detector_observability_events.yaml')

const columns = readColumns(readFileSync(at('model/unified-event.columns.csv'), 'utf8'))
writeFileSync(at('src/event/unified-event.ts'), typescriptOf(columns))
writeFileSync(at('docs/event-columns.md'), documentationOf(columns))
writeFileSync(METADATA, metadataOf(columns, readFileSync(METADATA, 'utf8')))
console.log(`${columns.length} columns: type, documentation and metadata written`)
