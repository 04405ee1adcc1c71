// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// `openssl s_server` on a loopback port, with a certificate for `host` that signs itself.
final class TLSServer {
    let certificate: String
    let url: String
    private let process: pid_t
    private let output: Int32
    private let directory: URL

    init(host: String, options: [String] = []) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "postern-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        certificate = directory.appending(path: "certificate.pem").path
        let key = directory.appending(path: "key.pem").path
        let (making, makingOutput) = try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(host)",
            "-addext", "subjectAltName=DNS:\(host)", "-days", "1", "-keyout", key, "-out", certificate,
        ])
        waitpid(making, nil, 0)
        close(makingOutput)

        let (process, output) = try Self.openssl(
            ["s_server", "-accept", "localhost:0", "-cert", certificate, "-key", key, "-www"] + options
        )
        self.process = process
        self.output = output
        // "ACCEPT 127.0.0.1:40001" is the line that says that it listens.
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !text.contains(/ACCEPT .*\n/) {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { throw POSIXError(.ECONNREFUSED) }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        url = "https://localhost:\(text.firstMatch(of: /ACCEPT .*:(\d+)\n/)?.1 ?? "")/"
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        close(output)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Starts openssl; what it prints to either stream can be read from `output`.
    private static func openssl(_ arguments: [String]) throws -> (process: pid_t, output: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)

        let words = (["openssl"] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, "openssl", &actions, nil, words + [nil], environ)
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .ENOENT) }
        return (process, ends[0])
    }
}
