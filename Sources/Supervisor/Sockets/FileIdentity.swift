// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which file a path names, whatever it is called.
package struct FileIdentity: Hashable, Sendable {
    /// The number of the file system.
    package let device: UInt64
    /// The number of the file in it.
    package let inode: UInt64
    /// Whether it is a socket.
    package let isSocket: Bool

    /// What a handover says of a file.
    package init(device: UInt64, inode: UInt64, isSocket: Bool) {
        self.device = device
        self.inode = inode
        self.isSocket = isSocket
    }

    /// Nil when there is no file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - followingLinks: Whether a symbolic link stands for what it points to.
    package init?(path: String, followingLinks: Bool = false) {
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            isSocket: status.st_mode & S_IFMT == S_IFSOCK
        )
    }
}
