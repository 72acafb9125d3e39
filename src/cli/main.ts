#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { runCli } from './run.ts'

if (existsSync('.env')) process.loadEnvFile('.env')
await runCli(process.argv.slice(2))
