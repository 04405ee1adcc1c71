// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import Worker

@Suite struct AcceptErrorClassTests {
    @Test(arguments: [
        (EAGAIN, AcceptErrorClass.timeout),
        (EINTR, .transient), (ECONNABORTED, .transient), (EPROTO, .transient), (EPERM, .transient),
        (EMFILE, .exhausted), (ENFILE, .exhausted), (ENOMEM, .exhausted), (ENOBUFS, .exhausted),
        (EBADF, .fatal), (EINVAL, .fatal), (ENOTSOCK, .fatal),
    ])
    func init_classifiesErrno(code: Int32, expected: AcceptErrorClass) {
        #expect(AcceptErrorClass(errno: code) == expected)
    }
}
