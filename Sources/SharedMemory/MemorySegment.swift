// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// A piece of memory that the supervisor makes and its workers map: what one writes, the others see at once.
///
/// There are no locks in it, since a process can end at any instruction: everything shared is an atomic number.
package final class MemorySegment: @unchecked Sendable {
    // @unchecked: the mapping never changes while this lives; what is in it is for atomics alone.

    /// The memory; zeros when it is new, and aligned to a page.
    package let bytes: UnsafeMutableRawBufferPointer
    /// What a child inherits to map the same memory (close-on-exec here).
    package let descriptor: Int32

    /// Makes a segment of `size` bytes.
    ///
    /// - Throws: ``SystemCallError``.
    package static func create(size: Int) throws(SystemCallError) -> MemorySegment {
        let descriptor = clinux_memory_file("postern")
        guard descriptor >= 0 else { throw SystemCallError("memfd_create", code: -descriptor) }
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            let error = SystemCallError("ftruncate", code: errno)
            close(descriptor)
            throw error
        }
        do throws(SystemCallError) {
            return try MemorySegment(descriptor: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Maps the segment behind `descriptor`, which belongs to it from now on.
    ///
    /// - Throws: ``SystemCallError``; the descriptor is still the caller's then.
    package init(descriptor: Int32) throws(SystemCallError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCallError("fstat", code: errno) }
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemCallError("fcntl", code: errno) }
        let size = Int(status.st_size)
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw SystemCallError("mmap", code: errno) }
        self.bytes = UnsafeMutableRawBufferPointer(start: address, count: size)
        self.descriptor = descriptor
    }

    deinit {
        munmap(bytes.baseAddress, bytes.count)
        close(descriptor)
    }
}
