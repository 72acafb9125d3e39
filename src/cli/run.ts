import { messageOf, ObservabilityError } from '../errors.ts'
import { doctor } from './doctor.ts'
import { graphql } from './graphql.ts'
import { hasura } from './hasura.ts'
import { maintain } from './maintain.ts'
import { migrate } from './migrate.ts'
import { start } from './start.ts'

const USAGE = `hasura-observability <command>

  start                         database, server, dashboard and the example shop
  migrate up                    bring the database at OBSERVABILITY_DB_URL to this version
  migrate down [steps]          take the newest migration(s) back; their data is gone
  migrate status                what is applied
  migrate create <name>         a new, empty migration in model/migrations
  maintain                      partitions, retention, lost work, hourly totals: once, now
  doctor                        what is wrong and what to do; exit code 1 when something has to be done
    --json                      the same for programs
    --journal-dir <folder>      the plugin's journalDir, if it has one
  graphql --metadata DIR [--database-url URL] [--source NAME] [--port N] [--host H] [--admin-secret S]
                                serve any Hasura metadata v3 directory over any Postgres at /v1/graphql
  hasura apply | remove         put our source into a running Hasura, or take it out; all else there stays as it is
    --endpoint <url> --admin-secret <secret>   (HASURA_GRAPHQL_ENDPOINT, HASURA_GRAPHQL_ADMIN_SECRET)
    --prefix <name> | --no-prefix              before root fields and types (observability_)
    --database-url <url> | --database-url-env <name>   how Hasura finds the database (OBSERVABILITY_DB_URL)
    --dry-run                                  print the difference only

Settings come from the environment and from .env; .env.example lists them all.`

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  start,
  migrate,
  maintain,
  doctor,
  graphql,
  hasura,
}

/** Runs one command of the program. Mistakes end with their message, not a stack, and exit code 1. */
export async function runCli(args: string[]): Promise<void> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help') {
    console.log(USAGE)
    return
  }
  const command = COMMANDS[name]
  if (!command) {
    console.error(`Unknown command "${name}".\n\n${USAGE}`)
    process.exitCode = 1
    return
  }
  try {
    await command(rest)
  } catch (error) {
    console.error(
      error instanceof ObservabilityError ? error.message : error instanceof Error ? error.stack : messageOf(error),
    )
    process.exitCode = 1
  }
}
