// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How much memory a process has.
enum ProcessMemory {
    /// Its resident bytes; nil when it is gone (proc(5), statm).
    static func residentBytes(of pid: pid_t) -> Int? {
        let file = open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let size = read(file, &buffer, buffer.count)
        guard size > 0 else { return nil }
        let fields = String(decoding: buffer.prefix(size), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
