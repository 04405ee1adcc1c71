// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

extension Handover {
    /// Writes it into memory that another program can be given.
    ///
    /// - Returns: The descriptor, close-on-exec.
    /// - Throws: ``SystemCallError``.
    package func write() throws(SystemCallError) -> Int32 {
        let file = clinux_memory_file("postern-handover")
        guard file >= 0 else { throw SystemCallError("memfd_create", code: -file) }
        var rest = encoded[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard written > 0 else {
                let error = SystemCallError("write", code: errno)
                close(file)
                throw error
            }
            rest = rest.dropFirst(written)
        }
        return file
    }

    /// Reads what another program has left, closes `file`, and keeps everything else to this process again.
    ///
    /// - Throws: ``HandoverError``.
    package static func take(from file: Int32) throws(HandoverError) -> Handover {
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let size = pread(file, &buffer, buffer.count, off_t(bytes.count)), size != 0 {
            guard size > 0 else { throw .system(SystemCallError("pread", code: errno)) }
            bytes += buffer.prefix(size)
        }
        guard var handover = Handover(encoded: bytes) else { throw .unreadable }
        if let program = handover.program { close(program) }
        handover.program = nil
        do throws(SystemCallError) {
            for descriptor in handover.descriptors { try Descriptor.set(isInherited: false, descriptor) }
        } catch {
            throw .system(error)
        }
        return handover
    }

    /// Becomes another program, which takes over.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - arguments: Its arguments, given the descriptor that it reads this from.
    /// - Throws: ``SystemCallError``; it returns in no other way, and then everything is as before.
    package func execute(_ program: PinnedProgram, arguments: (Int32) -> [String]) throws(SystemCallError) {
        var handover = self
        handover.program = program.descriptor
        let file = try handover.write()
        let passedOn = handover.descriptors + [file]
        defer {
            for descriptor in passedOn { try? Descriptor.set(isInherited: false, descriptor) }
            close(file)
        }
        for descriptor in passedOn { try Descriptor.set(isInherited: true, descriptor) }
        let arguments = StringVector(arguments(file))
        let environment = StringVector.environment()
        execve(program.path, arguments.pointers, environment.pointers)
        throw SystemCallError("execve", code: errno)
    }
}
