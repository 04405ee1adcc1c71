// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// What a run of `postern dev` that did not end properly leaves behind.
///
/// That is `postmaster.pid`, maybe with a server still running. The caller holds the lock on the directory.
struct OrphanedPostgres {
    /// The data directory.
    let data: String

    private var pidFile: String { "\(data)/postmaster.pid" }

    /// Stops the server if it still runs, and removes its file.
    ///
    /// PostgreSQL takes any process with the number in the file for a server, and in a container, where numbers are small,
    /// that is often another program. Therefore we decide.
    func remove() throws {
        guard let contents = FileManager.default.contents(atPath: pidFile) else { return }
        let firstLine = String(decoding: contents.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if let process = pid_t(firstLine), isServer(process) {
            kill(process, SIGINT)
            if !waitUntil(.seconds(30), { !isServer(process) }) {
                throw DevError("a PostgreSQL of an earlier run does not stop: kill \(process)")
            }
        }
        unlink(pidFile)
    }

    /// Whether `process` is a PostgreSQL on our data, by its command line, which anybody may read.
    private func isServer(_ process: pid_t) -> Bool {
        let file = open("/proc/\(process)/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return bytes.prefix(max(count, 0)).split(separator: 0).contains(Array(data.utf8)[...])
    }
}
