// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Database
import Glibc
import Services
import Worker

/// The program.
///
/// Nothing in it runs asynchronously by itself: the supervisor must have one thread only.
@main
struct Postern: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "A self-hosted identity and access service on PostgreSQL.",
        discussion: """
            Settings come from the environment, or from a file that POSTERN_CONFIG names.

              postern dev                                 try it out, with a private PostgreSQL
              postern migrate up && postern serve         run it
              postern bootstrap --email you@example.com   make the first administrator
            """,
        version: Release.version,
        subcommands: [
            ServeCommand.self, DevCommand.self, MigrateCommand.self, BootstrapCommand.self, UsersCommand.self,
            RolesCommand.self, PermissionsCommand.self, KeysCommand.self, AuditCommand.self, HealthcheckCommand.self,
            TopCommand.self, OpenAPICommand.self, CompletionsCommand.self, WorkerCommand.self, SelfCheckCommand.self,
        ]
    )

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Glibc.exit(report(error).rawValue)
        }
    }

    /// What people are told of an error of the database or of ours.
    static func text(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return [error.description, error.detail].compactMap(\.self).joined(separator: ": ")
    }

    /// Tells people what went wrong, in one place for all commands, and chooses the exit status.
    private static func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let error as ConfigurationError:
            Terminal.message("postern: \(error)")
            return .badConfiguration
        case let error as DatabaseError:
            Terminal.message("postern: \(text(of: error))")
            return .failed
        case is OutdatedSchemaError, is WrongSecretError:
            Terminal.message("postern: \(error)")
            return .badConfiguration
        case let error as DomainError where error.code == .validationFailed:
            for field in error.fields { Terminal.message("postern: \(field.name) \(field.message)") }
            return .usage
        case let error as DomainError:
            Terminal.message("postern: \(error.detail)")
            return .failed
        case let code as ExitCode:
            return ExitStatus(rawValue: code.rawValue) ?? .failed
        default:
            return exitCode(for: error) == .failure ? reportFailure(error) : reportUsage(error)
        }
    }

    private static func reportFailure(_ error: any Error) -> ExitStatus {
        Terminal.message("postern: \(error)")
        return .failed
    }

    /// Help, the version, and wrong usage, which the argument parser reports as errors too.
    private static func reportUsage(_ error: any Error) -> ExitStatus {
        let text = fullMessage(for: error)
        if exitCode(for: error).isSuccess {
            do { try Terminal.data(text) } catch { return reportFailure(error) }
            return .done
        }
        Terminal.message(text)
        return .usage
    }
}
