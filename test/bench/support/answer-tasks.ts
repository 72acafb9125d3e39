/**
 * Lets this process answer its parent's messages, one result for each, and end with `stop` when the parent goes. What a task
 * throws ends the process: a bench has nothing to say then.
 */
export function answerTasks<Task>(perform: (task: Task) => Promise<object>, stop: () => Promise<unknown>): void {
  process.on('message', (task: Task) => {
    perform(task).then(
      result => process.send?.(result),
      error => {
        console.error(error)
        process.exit(1)
      },
    )
  })
  process.on('disconnect', async () => {
    await stop()
    process.exit()
  })
  process.send?.('ready')
}
