process.on('SIGTERM', (signal) => {
  console.log(signal)
  process.exit(9)
})
setTimeout(() => process.exit(1), 20_000)
console.log('waiting')
