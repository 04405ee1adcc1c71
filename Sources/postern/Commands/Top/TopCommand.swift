// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core

/// `postern top`: what each worker of a running server is at.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show what the workers of the server at POSTERN_ADMIN_LISTEN are doing.",
        discussion: "In a terminal the picture is drawn anew every second, until q or Ctrl-C; else it is drawn once."
    )

    @Flag(help: "Show it once and exit.")
    var once = false

    @Flag(help: "Print the server's own JSON document, once.")
    var json = false

    func run() throws {
        guard let address = try ServerConfiguration.adminListen(.ofProcess()) else {
            throw ConfigurationError(SettingKey.adminListen, "is off, so that nobody can be asked")
        }
        let server = LocalServer(address)
        if json {
            try Terminal.json(try Self.document(of: server))
        } else if once || !Terminal.isInteractive {
            try Terminal.data(try Self.picture(of: server))
        } else {
            try watch(server)
        }
    }

    /// A server that is gone for a moment is part of the picture.
    private func watch(_ server: LocalServer) throws {
        let screen = try FullScreen()
        defer { screen.restore() }
        repeat {
            let picture: String
            do {
                picture = try Self.picture(of: server)
            } catch let error as SystemCallError {
                picture = "no answer: \(error)"
            } catch let error as DomainError {
                picture = error.detail
            }
            try screen.draw(picture + "\n\nq quits")
        } while try !screen.isLeft(within: .seconds(1))
    }

    private static func picture(of server: LocalServer) throws -> String {
        let document = try document(of: server)
        guard let status = try? JSONValue(parsing: document) else { throw foreign }
        return StatusPicture(status).text
    }

    private static func document(of server: LocalServer) throws -> [UInt8] {
        let answer = try server.answer(to: "/status")
        guard answer.status == 200 else { throw foreign }
        return answer.body
    }

    private static var foreign: DomainError {
        DomainError(.upstream, "What listens at POSTERN_ADMIN_LISTEN is not Postern's admin listener.")
    }
}
