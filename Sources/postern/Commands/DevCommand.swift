// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import FoundationEssentials
import Migrations
import Models
import Supervisor

/// `postern dev`: everything that is needed to try Postern, and nothing left behind but data.
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Try Postern out: a private PostgreSQL, the schema, an administrator, and the server.",
        discussion: """
            Everything is kept in .postern/ and stays there for the next run. With DATABASE_URL set, no PostgreSQL is \
            started. Every other setting of Postern works too. Ctrl-C stops all of it.
            """
    )

    @Option(help: "Where the data are kept.")
    var directory = ".postern"

    @Option(
        help: "The e-mail address of the first administrator.",
        transform: EmailAddress.argument
    )
    var email: EmailAddress?

    func run() throws {
        let signals = try StopSignals()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let services = try DevServices(directory: directory)
        defer { services.stop() }
        let environment = try services.start()

        let configuration = try Configuration(Settings(environment: environment), cores: 1)
        try migrate(configuration.database)
        let administrator = try DevAdministrator(directory: directory, configuration: configuration, email: email)

        // Another's server there, maybe one of a run that was killed, would be taken for ours.
        try ListeningSocket.listen(on: configuration.server.listen) { Terminal.message("\($0); waiting for it") }
            .release()
        let server = try startServer(environment)
        defer { server.stop(within: .seconds(35)) }
        guard isReady(configuration.server.listen, server, signals) else {
            throw DevError("the server did not become ready; its messages are above")
        }
        try Terminal.data(
            DevWelcome(
                url: configuration.server.publicURL,
                administrator: administrator,
                providers: configuration.providers,
                isDemonstrating: services.isDemonstrating,
                directory: directory
            ).text
        )
        while server.isRunning, !signals.arrived(within: .milliseconds(500)) {}
        guard server.isRunning else { throw DevError("the server has ended; its messages are above") }
        Terminal.message("stopping")
    }

    private func migrate(_ database: DatabaseConfiguration) throws {
        let connection = try database.connectForMigrations(timeout: .seconds(10))
        let migrator = Migrator(connection: connection, files: try MigrationDirectory.find().load()) {
            Terminal.message($0.description)
        }
        _ = try migrator.up()
    }

    private func startServer(_ environment: [String: String]) throws -> Companion {
        // Resolved here: what starts the server is a shell, whose own executable is another.
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try Companion(
            Program(arguments: [executable, "serve"], environment: environment, inheritsOutput: true),
            stopSignal: "TERM"
        )
    }

    private func isReady(_ address: ListenAddress, _ server: Companion, _ signals: StopSignals) -> Bool {
        var isReady = false
        _ = waitUntil(.seconds(60)) {
            isReady = (try? LocalServer(address).status(of: "/readyz")) == 200
            return isReady || !server.isRunning || signals.arrived(within: .zero)
        }
        return isReady
    }
}
