console.log(JSON.stringify([process.versions.node, ...process.argv.slice(2)]))
process.exitCode = 7
