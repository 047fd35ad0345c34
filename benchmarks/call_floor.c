/* The least that a server can do for a turn: it finds the msgid, and sends verbs that were written beforehand.
 *
 * It knows just enough of websockets and of jambonz to be taken for an application by those who measure. It listens on
 * PORT of this machine, until it is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 65536
#define FIRST_ROOM 4096

struct connection {
    unsigned char *came;
    size_t size, room;
    int is_open;
};

static struct connection connections[CONNECTIONS];

static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Protocol: ws.jambonz.org\r\n\r\n";
static const char VERBS[] =
    "\",\"data\":[{\"verb\":\"say\",\"text\":\"You said: the kettle is on\"},{\"verb\":\"gather\","
    "\"input\":[\"speech\"],\"actionHook\":\"/heard\",\"timeout\":15}]}";
static const char ACK[] = "{\"type\":\"ack\",\"msgid\":\"";
static const char NAME[] = "\"msgid\":\"";

/* An answer of this size fits into an empty socket, or nobody reads there. */
static void put(int fd, const void *data, size_t size) {
    if (send(fd, data, size, MSG_NOSIGNAL) < 0)
        return;
}

static void answer(int fd, unsigned char *payload, size_t size) {
    unsigned char *name, *end;
    unsigned char frame[512];
    size_t length;

    /* What only tells something needs no answer. */
    if (memmem(payload, size < 24 ? size : 24, "call:status", 11))
        return;
    name = memmem(payload, size, NAME, sizeof NAME - 1);
    if (!name)
        return;
    name += sizeof NAME - 1;
    end = memchr(name, '"', payload + size - name);
    if (!end || end - name > 64)
        return;
    length = sizeof ACK - 1 + (end - name) + sizeof VERBS - 1;
    frame[0] = 0x81;
    frame[1] = 126;
    frame[2] = length >> 8;
    frame[3] = length & 0xff;
    memcpy(frame + 4, ACK, sizeof ACK - 1);
    memcpy(frame + 4 + sizeof ACK - 1, name, end - name);
    memcpy(frame + 4 + sizeof ACK - 1 + (end - name), VERBS, sizeof VERBS - 1);
    put(fd, frame, 4 + length);
}

static void forget(int fd) {
    free(connections[fd].came);
    memset(&connections[fd], 0, sizeof connections[fd]);
    close(fd);
}

/* Take what is whole; return 0 when the connection is over. */
static int take(int fd) {
    struct connection *one = &connections[fd];
    size_t start = 0;

    if (!one->is_open) {
        if (!memmem(one->came, one->size, "\r\n\r\n", 4))
            return 1;
        put(fd, UPGRADED, sizeof UPGRADED - 1);
        one->is_open = 1;
        one->size = 0;
        return 1;
    }
    while (one->size - start >= 6) {
        unsigned char *message = one->came + start, *mask, *payload;
        size_t length = message[1] & 0x7f, head = 2, place;
        if (length == 126)
            head = 4;
        else if (length == 127)
            head = 10;
        if (one->size - start < head + 4)
            break;
        if (head > 2)
            for (length = 0, place = 2; place < head; place++)
                length = length << 8 | message[place];
        if (one->size - start < head + 4 + length)
            break;
        mask = message + head;
        payload = mask + 4;
        for (place = 0; place < length; place++)
            payload[place] ^= mask[place & 3];
        if (message[0] == 0x88) {
            put(fd, "\x88\x02\x03\xe8", 4);
            return 0;
        }
        if (message[0] == 0x81)
            answer(fd, payload, length);
        start += head + 4 + length;
    }
    memmove(one->came, one->came + start, one->size - start);
    one->size -= start;
    return 1;
}

static void readable(int fd) {
    struct connection *one = &connections[fd];
    ssize_t got;

    if (one->size == one->room) {
        one->room = one->room ? 2 * one->room : FIRST_ROOM;
        one->came = realloc(one->came, one->room);
        if (!one->came)
            abort();
    }
    got = recv(fd, one->came + one->size, one->room - one->size, 0);
    if (got <= 0) {
        forget(fd);
        return;
    }
    one->size += got;
    if (!take(fd))
        forget(fd);
}

int main(void) {
    const char *port = getenv("PORT");
    int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];

    address.sin_port = htons(port ? atoi(port) : 3000);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
        perror("listen");
        return 1;
    }
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, 256, -1), place;
        for (place = 0; place < count; place++) {
            int fd = events[place].data.fd;
            if (fd != listener) {
                readable(fd);
                continue;
            }
            fd = accept(listener, NULL, NULL);
            if (fd < 0)
                continue;
            if (fd >= CONNECTIONS) {
                close(fd);
                continue;
            }
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            event.data.fd = fd;
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
