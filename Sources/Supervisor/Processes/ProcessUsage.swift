// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What a process uses of the system; all is nil when it is gone.
enum ProcessUsage {
    /// Its resident bytes (proc(5), statm).
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

    /// The nanoseconds for which it has had a processor.
    static func processorTime(of pid: pid_t) -> UInt64? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        // It is never negative, unless something stands between this program and the system: not worth a supervisor's life.
        return UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_nsec)
    }

    /// The same of a process that has ended.
    static func processorTime(in usage: rusage) -> UInt64 {
        [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + UInt64($1.tv_sec) * 1_000_000_000 + UInt64($1.tv_usec) * 1000
        }
    }

    /// How many descriptors it has open.
    ///
    /// Linux tells the number since 6.2; before, they have to be counted one by one, which takes a while for thousands of
    /// them: nil unless `mayCount`.
    static func openDescriptors(of pid: pid_t, mayCount: Bool) -> Int? {
        let path = "/proc/\(pid)/fd"
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_size == 0 else { return Int(status.st_size) }
        guard mayCount, let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without "." and "..".
        return max(0, count - 2)
    }

    /// How many it may have open.
    static func descriptorLimit(of pid: pid_t) -> Int? {
        let limit = clinux_descriptor_limit(pid)
        return limit < 0 ? nil : Int(limit)
    }
}
