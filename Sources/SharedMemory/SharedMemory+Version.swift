// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension SharedMemory {
    /// Which layout this release shares: processes of another one cannot use the same memory.
    package static var layoutVersion: UInt64 { SharedMemoryLayout.version }
}
