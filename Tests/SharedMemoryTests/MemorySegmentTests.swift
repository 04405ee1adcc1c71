// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory
import Testing

struct MemorySegmentTests {
    @Test
    func segment_whenMappedTwice_sharesWhatIsWritten() throws {
        let first = try MemorySegment.create(size: 8192)
        let second = try MemorySegment(descriptor: dup(first.descriptor))
        first.bytes[4097] = 7
        #expect(second.bytes.count == 8192)
        #expect(second.bytes[4097] == 7)
        #expect(second.bytes[4096] == 0)
    }

    @Test
    func init_whenDescriptorIsNoFile_throws() {
        #expect(throws: SystemCallError.self) { try MemorySegment(descriptor: -1) }
    }
}
