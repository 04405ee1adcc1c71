// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One session of a ``ScriptedServer``, on a thread of its own.
struct ScriptedSession {
    let socket: Int32
    let script: ScriptedServer.Script
    let didRun: (String) -> Void

    private struct Ended: Error {}

    /// Serves until the client goes, or something ends the session.
    func serve() {
        try? answerAll()
    }

    private func answerAll() throws {
        let length = try number()
        _ = try bytes(length - 4)
        send("R", [0, 0, 0, 0])
        sendReady("I")

        var prepared: [String: String] = [:]
        var statement = ""
        var transaction: Character = "I"
        var isSkipping = false
        while true {
            let type = Character(Unicode.Scalar(try bytes(1)[0]))
            let body = try bytes(try number() - 4)
            let texts = body.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            var failure: ScriptedServer.Failure?
            switch type {
            case "S":
                failure = isSkipping ? nil : script(.sync, statement)
                isSkipping = false
                if failure == nil { sendReady(transaction) }
            case "X": return
            case _ where isSkipping: break
            case "P":
                prepared[texts[0]] = texts[1]
                failure = script(.parse, texts[1])
                if failure == nil { send("1") }
            case "B":
                statement = prepared[texts[1]] ?? ""
                send("2")
            case "D": send("n")
            case "E":
                failure = script(.execute, statement)
                guard failure == nil else { break }
                didRun(statement)
                switch statement.split(separator: " ").first {
                case "begin": transaction = "T"
                case "commit", "rollback": transaction = "I"
                default: break
                }
                send("C", Array("SELECT 0".utf8) + [0])
            default: return
            }
            guard let failure else { continue }
            let fields = [("S", failure.severity), ("V", failure.severity), ("C", failure.state), ("M", "scripted")]
            send("E", fields.flatMap { Array("\($0.0)\($0.1)".utf8) + [0] } + [0])
            guard failure.severity == "ERROR" else { return end() }
            if type == "S" { sendReady(transaction) } else { isSkipping = true }
        }
    }

    /// Ends the session so that the client gets all that was sent: to close with something unread would take it back.
    private func end() {
        shutdown(socket, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4096)
        while recv(socket, &rest, rest.count, 0) > 0 {}
    }

    private func sendReady(_ transaction: Character) {
        send("Z", Array(String(transaction).utf8))
    }

    private func send(_ type: Character, _ body: [UInt8] = []) {
        let length = withUnsafeBytes(of: UInt32(body.count + 4).bigEndian, Array.init)
        let message = Array(String(type).utf8) + length + body
        _ = Glibc.send(socket, message, message.count, Int32(MSG_NOSIGNAL))
    }

    private func number() throws -> Int {
        try bytes(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count == 0 || recv(socket, &bytes, count, Int32(MSG_WAITALL)) == count else { throw Ended() }
        return bytes
    }
}
